//! Types of other crates, under the features that schemars has for them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use indexmap::{IndexMap, IndexSet};
use sio_types::payload;
use url::Url;
use uuid::Uuid;

#[payload]
pub struct Entry {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub home: Option<Url>,
    pub tags: IndexSet<String>,
    pub rest: IndexMap<String, serde_json::Value>,
}

fn at() -> DateTime<Utc> {
    Utc.timestamp_opt(0, 0).single().expect("the epoch")
}

fn url() -> Url {
    Url::parse("https://example.org/x").expect("a URL")
}

crate::specimens! { Foreign "/foreign"
    a_uuid: Uuid = [Uuid::nil()] accepts ["\"00000000-0000-0000-0000-000000000001\""] refuses ["1", "null"];
    an_option_of_uuid: Option<Uuid> = [None, Some(Uuid::nil())] accepts ["null"] refuses ["1"];
    a_map_by_uuid: BTreeMap<Uuid, u8> = [BTreeMap::from([(Uuid::nil(), 1)])] accepts ["{}"] refuses ["{\"00000000-0000-0000-0000-000000000001\":\"x\"}"];
    a_time: DateTime<Utc> = [at()] accepts ["\"2024-01-01T00:00:00Z\""] refuses ["0"];
    a_date: NaiveDate = [NaiveDate::MIN, at().date_naive()] accepts ["\"2024-02-29\""] refuses ["0"];
    a_naive_time: NaiveTime = [NaiveTime::MIN] accepts ["\"12:00:00\""] refuses ["12"];
    a_naive_date_time: NaiveDateTime = [at().naive_utc()] accepts ["\"2024-02-29T12:00:00\""] refuses ["null"];
    a_url: Url = [url()] accepts ["\"http://localhost\""] refuses ["1"];
    an_index_map: IndexMap<String, u8> = [IndexMap::from([("z".into(), 1), ("a".into(), 2)])] accepts ["{}"] refuses ["{\"x\":\"y\"}"];
    an_index_set: IndexSet<u8> = [IndexSet::from([2, 1])] accepts ["[]"] refuses ["{}"];
    an_entry: Entry = [Entry { id: Uuid::nil(), at: at(), home: Some(url()), tags: IndexSet::new(), rest: IndexMap::new() }]
        accepts ["{\"id\":\"00000000-0000-0000-0000-000000000001\",\"at\":\"2024-01-01T00:00:00Z\",\"tags\":[],\"rest\":{\"x\":1}}"]
        refuses ["{\"id\":1,\"at\":\"2024-01-01T00:00:00Z\",\"tags\":[],\"rest\":{}}"];
    a_list_of_urls: Vec<Url> = [vec![url()]] accepts ["[]"] refuses ["[1]"];
    a_pair_of_times: (DateTime<Utc>, Option<NaiveDate>) = [(at(), None)] accepts [] refuses ["[1,null]"];
}
