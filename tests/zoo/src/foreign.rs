//! Types of other crates, under the features that schemars has for them.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use indexmap::{IndexMap, IndexSet};
use sio_types::payload;
use url::Url;
use uuid::Uuid;

#[payload]
#[derive(Arbitrary)]
pub struct Entry {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    #[arbitrary(with = maybe_url)]
    pub home: Option<Url>,
    pub tags: IndexSet<String>,
    #[arbitrary(default)]
    pub rest: IndexMap<String, serde_json::Value>,
}

/// A crate that schemars does not know; `wire` declares the types on the wire.
#[payload]
pub struct Times {
    #[serde(with = "time::serde::rfc3339")]
    #[payload(wire = "String")]
    pub at: time::OffsetDateTime,
    #[serde(with = "time::serde::timestamp::option", default)]
    #[payload(wire = "Option<i64>")]
    pub until: Option<time::OffsetDateTime>,
}

fn times(source: &mut Unstructured<'_>) -> arbitrary::Result<Times> {
    let time = time::OffsetDateTime::from_unix_timestamp(u32::arbitrary(source)?.into());
    let at = time.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    Ok(Times {
        at,
        until: bool::arbitrary(source)?.then_some(at),
    })
}

fn at() -> DateTime<Utc> {
    Utc.timestamp_opt(0, 0).single().expect("the epoch")
}

fn any_url(source: &mut Unstructured<'_>) -> arbitrary::Result<Url> {
    let path = String::arbitrary(source)?;
    let mut url = url();
    url.set_path(&path);
    Ok(url)
}

fn maybe_url(source: &mut Unstructured<'_>) -> arbitrary::Result<Option<Url>> {
    bool::arbitrary(source)?
        .then(|| any_url(source))
        .transpose()
}

fn url() -> Url {
    Url::parse("https://example.org/x").expect("a URL")
}

crate::specimens_of! { Foreign "/foreign"
    a_uuid: Uuid = [Uuid::nil()] accepts ["\"00000000-0000-0000-0000-000000000001\""] refuses ["1", "null"];
    an_option_of_uuid: Option<Uuid> = [None, Some(Uuid::nil())] accepts ["null"] refuses ["1"];
    a_map_by_uuid: BTreeMap<Uuid, u8> = [BTreeMap::from([(Uuid::nil(), 1)])] accepts ["{}"] refuses ["{\"00000000-0000-0000-0000-000000000001\":\"x\"}"];
    a_time: DateTime<Utc> = [at()] accepts ["\"2024-01-01T00:00:00Z\""] refuses ["0"];
    a_date: NaiveDate = [NaiveDate::MIN, at().date_naive()] accepts ["\"2024-02-29\""] refuses ["0"];
    a_naive_time: NaiveTime = [NaiveTime::MIN] accepts ["\"12:00:00\""] refuses ["12"];
    a_naive_date_time: NaiveDateTime = [at().naive_utc()] accepts ["\"2024-02-29T12:00:00\""] refuses ["null"];
    a_url: Url = [url()] accepts ["\"http://localhost\""] refuses ["1"] by any_url;
    an_index_map: IndexMap<String, u8> = [IndexMap::from([("z".into(), 1), ("a".into(), 2)])] accepts ["{}"] refuses ["{\"x\":\"y\"}"];
    an_index_set: IndexSet<u8> = [IndexSet::from([2, 1])] accepts ["[]"] refuses ["{}"];
    an_entry: Entry = [Entry { id: Uuid::nil(), at: at(), home: Some(url()), tags: IndexSet::new(), rest: IndexMap::new() }]
        accepts ["{\"id\":\"00000000-0000-0000-0000-000000000001\",\"at\":\"2024-01-01T00:00:00Z\",\"tags\":[],\"rest\":{\"x\":1}}"]
        refuses ["{\"id\":1,\"at\":\"2024-01-01T00:00:00Z\",\"tags\":[],\"rest\":{}}"];
    a_list_of_urls: Vec<Url> = [vec![url()]] accepts ["[]"] refuses ["[1]"] by |source| Ok(vec![any_url(source)?]);
    a_pair_of_times: (DateTime<Utc>, Option<NaiveDate>) = [(at(), None)] accepts [] refuses ["[1,null]"];
    some_times: Times = [Times { at: time::OffsetDateTime::UNIX_EPOCH, until: None },
        Times { at: time::OffsetDateTime::UNIX_EPOCH, until: Some(time::OffsetDateTime::UNIX_EPOCH) }]
        accepts ["{\"at\":\"2024-01-01T00:00:00Z\"}", "{\"at\":\"2024-01-01T00:00:00Z\",\"until\":0}"] refuses ["{\"at\":0}", "{}"] by times;
}
