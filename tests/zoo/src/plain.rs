//! Types without a custom definition.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque},
    num::{NonZeroI32, NonZeroU8, NonZeroU64},
    sync::Arc,
};

use arbitrary::{Arbitrary, Unstructured};

/// Draws a number that JSON can represent.
pub(crate) fn finite(source: &mut Unstructured<'_>) -> arbitrary::Result<f64> {
    Ok(Some(f64::arbitrary(source)?)
        .filter(|it| it.is_finite())
        .unwrap_or(0.5))
}

fn finite_f32(source: &mut Unstructured<'_>) -> arbitrary::Result<f32> {
    Ok(Some(f32::arbitrary(source)?)
        .filter(|it| it.is_finite())
        .unwrap_or(0.5))
}

fn json(source: &mut Unstructured<'_>) -> arbitrary::Result<serde_json::Value> {
    Ok(match u8::arbitrary(source)? % 6 {
        0 => serde_json::Value::Null,
        1 => bool::arbitrary(source)?.into(),
        2 => i32::arbitrary(source)?.into(),
        3 => String::arbitrary(source)?.into(),
        4 => serde_json::Value::Array(vec![json(source)?]),
        _ => json_map(source)?.into(),
    })
}

fn json_map(
    source: &mut Unstructured<'_>,
) -> arbitrary::Result<serde_json::Map<String, serde_json::Value>> {
    Ok([(String::arbitrary(source)?, json(source)?)]
        .into_iter()
        .collect())
}

fn map<K: Ord, V>(key: K, value: V) -> BTreeMap<K, V> {
    BTreeMap::from([(key, value)])
}

crate::specimens_of! { Plain "/plain"
    a_bool: bool = [true, false] accepts ["true"] refuses ["\"true\"", "1", "null"];
    a_u8: u8 = [0, 255] accepts ["7"] refuses ["\"7\"", "null", "true"];
    a_u16: u16 = [65535] accepts ["0"] refuses ["\"\""];
    a_u32: u32 = [u32::MAX] accepts ["0"] refuses ["[1]"];
    a_u64: u64 = [9_007_199_254_740_991] accepts ["0"] refuses ["\"9\""];
    a_i8: i8 = [-128] accepts ["1"] refuses ["{}"];
    a_i16: i16 = [-1] accepts ["1"] refuses ["null"];
    a_i32: i32 = [i32::MIN] accepts ["1"] refuses ["null"];
    a_i64: i64 = [-9_007_199_254_740_991] accepts ["1"] refuses ["null"];
    a_usize: usize = [3] accepts ["1"] refuses ["null"];
    a_isize: isize = [-3] accepts ["1"] refuses ["null"];
    a_f32: f32 = [0.5] accepts ["1", "1.5"] refuses ["null", "\"1\""] by finite_f32;
    a_f64: f64 = [0.1, 1e300] accepts ["1", "-0.5"] refuses ["null", "\"NaN\""] by finite;
    a_char: char = ['x', 'ß'] accepts ["\"y\""] refuses ["1"];
    a_string: String = [String::new(), "a\"b\n\u{2028}".into()] accepts ["\"x\""] refuses ["1", "null"];
    a_boxed_str: Box<str> = ["x".into()] accepts ["\"y\""] refuses ["1"];
    a_cow: Cow<'static, str> = ["x".into()] accepts ["\"y\""] refuses ["1"] by |source| Ok(String::arbitrary(source)?.into());
    a_unit: () = [()] accepts ["null"] refuses ["1", "{}"];
    a_nonzero: NonZeroU8 = [NonZeroU8::MIN] accepts ["1"] refuses ["\"1\""];
    a_nonzero_i32: NonZeroI32 = [NonZeroI32::MIN] accepts ["1"] refuses ["null"];
    a_nonzero_u64: NonZeroU64 = [NonZeroU64::MIN] accepts ["1"] refuses ["null"];
    an_option: Option<u32> = [None, Some(1)] accepts ["null", "2"] refuses ["\"1\""];
    an_option_of_string: Option<String> = [None, Some("x".into())] accepts ["null"] refuses ["1"];
    an_option_of_option: Option<Option<u32>> = [None, Some(Some(1))] accepts ["null"] refuses ["\"x\""];
    an_option_of_unit: Option<()> = [None] accepts ["null"] refuses ["1"];
    a_vec: Vec<u32> = [vec![], vec![1, 2]] accepts ["[]"] refuses ["{}", "[\"1\"]", "null"];
    a_vec_of_bytes: Vec<u8> = [vec![1, 255]] accepts ["[0]"] refuses ["\"AQ==\""];
    a_vec_of_options: Vec<Option<String>> = [vec![None, Some("x".into())]] accepts ["[null]"] refuses ["[1]"];
    a_vec_of_vecs: Vec<Vec<bool>> = [vec![vec![true], vec![]]] accepts ["[[]]"] refuses ["[true]"];
    a_boxed_slice: Box<[u8]> = [[1].into()] accepts ["[]"] refuses ["1"];
    a_deque: VecDeque<u8> = [VecDeque::from([1])] accepts ["[]"] refuses ["1"];
    a_linked_list: LinkedList<u8> = [LinkedList::from([1])] accepts ["[]"] refuses ["1"];
    a_set: BTreeSet<String> = [BTreeSet::from(["x".into()])] accepts ["[]"] refuses ["{}"];
    a_hash_set: HashSet<u8> = [HashSet::from([1])] accepts ["[1]"] refuses ["{}"];
    an_array: [u8; 3] = [[1, 2, 3]] accepts ["[0,0,0]"] refuses ["[1,2]", "[1,2,3,4]", "[\"1\",2,3]"];
    an_array_of_one: [String; 1] = [["x".into()]] accepts ["[\"y\"]"] refuses ["[]"];
    an_array_of_arrays: [[i8; 2]; 2] = [[[1, 2], [3, 4]]] accepts ["[[0,0],[0,0]]"] refuses ["[[0],[0]]"];
    a_pair: (u8, String) = [(1, "x".into())] accepts ["[2,\"y\"]"] refuses ["[1]", "[\"x\",1]", "[1,\"x\",1]"];
    a_triple: (bool, Option<u8>, Vec<u8>) = [(true, None, vec![1])] accepts ["[true,null,[]]"] refuses ["[true,null]"];
    a_single: (u8,) = [(1,)] accepts ["[2]"] refuses ["1", "[]"];
    a_map: BTreeMap<String, u8> = [map("a-b".into(), 1)] accepts ["{}"] refuses ["{\"x\":\"y\"}", "[]"];
    a_hash_map: HashMap<String, Vec<u8>> = [HashMap::from([("x".into(), vec![1])])] accepts ["{}"] refuses ["{\"x\":1}"];
    a_map_by_u32: BTreeMap<u32, String> = [map(7, "x".into())] accepts ["{\"1\":\"y\"}"] refuses ["{\"1\":1}"];
    a_map_by_i64: BTreeMap<i64, u8> = [map(-7, 1)] accepts ["{\"-1\":1}"] refuses ["{\"1\":\"\"}"];
    a_map_by_bool: BTreeMap<bool, u8> = [map(true, 1)] accepts ["{\"false\":1}"] refuses ["{\"true\":\"x\"}"];
    a_map_by_char: BTreeMap<char, u8> = [map('x', 1)] accepts ["{\"y\":1}"] refuses ["{\"y\":null}"];
    a_map_of_maps: BTreeMap<String, BTreeMap<String, bool>> = [map("x".into(), map("y".into(), true))]
        accepts ["{\"x\":{}}"] refuses ["{\"x\":true}"];
    a_map_of_options: BTreeMap<String, Option<u8>> = [map("x".into(), None)] accepts ["{\"x\":1}"] refuses ["{\"x\":\"1\"}"];
    a_box: Box<u8> = [Box::new(1)] accepts ["2"] refuses ["\"x\""];
    an_arc: Arc<str> = ["x".into()] accepts ["\"y\""] refuses ["1"];
    an_arc_of_vec: Arc<Vec<u8>> = [Arc::new(vec![1])] accepts ["[]"] refuses ["1"];
    a_value: serde_json::Value = [serde_json::json!({ "x": [1, null] }), serde_json::Value::Null]
        accepts ["1", "null", "\"x\"", "{}"] refuses [] by json;
    a_json_map: serde_json::Map<String, serde_json::Value> = [serde_json::Map::new()] accepts ["{\"x\":1}"] refuses ["1"] by json_map;
    a_number: serde_json::Number = [1.into()] accepts ["1.5"] refuses ["\"1\""] by |source| Ok(i64::arbitrary(source)?.into());
    a_duration: std::time::Duration = [std::time::Duration::from_millis(1500)]
        accepts ["{\"secs\":1,\"nanos\":0}"] refuses ["1.5", "{\"secs\":1}"];
    an_ip: std::net::IpAddr = [[127, 0, 0, 1].into()] accepts ["\"::1\""] refuses ["1"];
    an_ipv4: std::net::Ipv4Addr = [std::net::Ipv4Addr::LOCALHOST] accepts ["\"10.0.0.1\""] refuses ["[1,2,3,4]"];
    an_ipv6: std::net::Ipv6Addr = [std::net::Ipv6Addr::LOCALHOST] accepts ["\"::\""] refuses ["null"];
    a_socket_address: std::net::SocketAddr = [([127, 0, 0, 1], 80).into()] accepts ["\"[::1]:1\""] refuses ["null"];
    a_path: std::path::PathBuf = ["/x".into()] accepts ["\"y\""] refuses ["1"];
    a_range: std::ops::Range<u8> = [1..2] accepts ["{\"start\":0,\"end\":1}"] refuses ["{\"start\":0}"];
    an_inclusive_range: std::ops::RangeInclusive<u8> = [1..=2] accepts ["{\"start\":0,\"end\":1}"] refuses ["{\"end\":1}"];
    a_bound: std::ops::Bound<u8> = [std::ops::Bound::Unbounded, std::ops::Bound::Included(1)]
        accepts ["{\"Excluded\":1}"] refuses ["\"Included\"", "{\"Excluded\":\"1\"}"];
    a_result: Result<u8, String> = [Ok(1), Err("x".into())] accepts ["{\"Ok\":2}"] refuses ["{\"Ok\":\"x\"}", "{\"Other\":1}"];
    a_wrapping: std::num::Wrapping<u8> = [std::num::Wrapping(1)] accepts ["2"] refuses ["\"x\""];
    a_saturating: std::cmp::Reverse<u8> = [std::cmp::Reverse(1)] accepts ["2"] refuses ["\"x\""];
}
