//! Normalizes MessagePack of `socket.io-msgpack-parser`, so that values are the same as in JSON.
//!
//! JavaScript's `undefined`, `ArrayBuffer`s and dates have no type of their own in MessagePack. The client's encoder
//! ([notepack](https://github.com/darrachequesne/notepack)) writes them as extensions of type 0. In JSON, an
//! `undefined` field is left out (in an array it is null) and a date is its ISO text. Bytes are bytes under both
//! parsers.

use bytes::Bytes;
use rmp::Marker;

use super::MAX_DEPTH;

/// Replaces the extensions of JavaScript's encoder. Returns a packet without extensions, or an invalid one, unchanged.
pub(super) fn normalize(packet: Bytes) -> Bytes {
    let may_extend = packet
        .iter()
        .any(|byte| matches!(byte, 0xc7..=0xc9 | 0xd4 | 0xd7));
    if !may_extend {
        return packet;
    }
    let mut walk = Walk {
        rest: &packet,
        out: Vec::with_capacity(packet.len()),
        changed: false,
    };
    match walk.value(MAX_DEPTH) {
        Some(_) if walk.changed => walk.out.into(),
        _ => packet,
    }
}

struct Walk<'p> {
    rest: &'p [u8],
    out: Vec<u8>,
    changed: bool,
}

/// Kind of a copied value.
#[derive(PartialEq)]
enum Kind {
    Defined,
    Undefined,
}

impl<'p> Walk<'p> {
    /// Copies one value; returns `None` if it is incomplete.
    fn value(&mut self, depth: usize) -> Option<Kind> {
        let depth = depth.checked_sub(1)?;
        let start = self.rest;
        let marker = Marker::from_u8(self.take(1)?[0]);
        match marker {
            Marker::FixArray(len) => self.array(start, len.into(), depth),
            Marker::Array16 => {
                let len = self.length(2)?;
                self.array(start, len, depth)
            }
            Marker::Array32 => {
                let len = self.length(4)?;
                self.array(start, len, depth)
            }
            Marker::FixMap(len) => self.map(len.into(), depth),
            Marker::Map16 => {
                let len = self.length(2)?;
                self.map(len, depth)
            }
            Marker::Map32 => {
                let len = self.length(4)?;
                self.map(len, depth)
            }
            Marker::FixExt1 => self.extension(start, 1, false),
            Marker::FixExt8 => self.extension(start, 8, false),
            Marker::Ext8 => {
                let len = self.length(1)?;
                self.extension(start, len, true)
            }
            Marker::Ext16 => {
                let len = self.length(2)?;
                self.extension(start, len, true)
            }
            Marker::Ext32 => {
                let len = self.length(4)?;
                self.extension(start, len, true)
            }
            scalar => {
                self.skip(scalar)?;
                self.copy(start);
                Some(Kind::Defined)
            }
        }
    }

    fn array(&mut self, start: &'p [u8], len: usize, depth: usize) -> Option<Kind> {
        self.copy(start);
        for _ in 0..len {
            if self.value(depth)? == Kind::Undefined {
                rmp::encode::write_nil(&mut self.out).ok()?;
            }
        }
        Some(Kind::Defined)
    }

    /// Copies a map. It loses its undefined fields, so its length is only known at the end.
    fn map(&mut self, len: usize, depth: usize) -> Option<Kind> {
        let before = std::mem::take(&mut self.out);
        let mut defined = 0;
        for _ in 0..len {
            let entry = self.out.len();
            self.value(depth)?;
            match self.value(depth)? {
                Kind::Defined => defined += 1,
                Kind::Undefined => self.out.truncate(entry),
            }
        }
        let entries = std::mem::replace(&mut self.out, before);
        rmp::encode::write_map_len(&mut self.out, defined).ok()?;
        self.out.extend_from_slice(&entries);
        Some(Kind::Defined)
    }

    fn extension(&mut self, start: &'p [u8], len: usize, sized: bool) -> Option<Kind> {
        let tag = self.take(1)?[0];
        let data = self.take(len)?;
        if tag != 0 {
            self.copy(start);
            return Some(Kind::Defined);
        }
        self.changed = true;
        match data {
            [_] if !sized => return Some(Kind::Undefined),
            _ if sized => {
                rmp::encode::write_bin(&mut self.out, data).ok()?;
            }
            _ => {
                let time = i64::from_be_bytes(data.try_into().ok()?);
                rmp::encode::write_str(&mut self.out, &iso(time)).ok()?;
            }
        }
        Some(Kind::Defined)
    }

    fn skip(&mut self, marker: Marker) -> Option<()> {
        let len = match marker {
            Marker::U8 | Marker::I8 => 1,
            Marker::U16 | Marker::I16 => 2,
            Marker::U32 | Marker::I32 | Marker::F32 => 4,
            Marker::U64 | Marker::I64 | Marker::F64 => 8,
            Marker::FixStr(len) => len.into(),
            Marker::Str8 | Marker::Bin8 => self.length(1)?,
            Marker::Str16 | Marker::Bin16 => self.length(2)?,
            Marker::Str32 | Marker::Bin32 => self.length(4)?,
            Marker::FixExt2 => 1 + 2,
            Marker::FixExt4 => 1 + 4,
            Marker::FixExt16 => 1 + 16,
            _ => 0,
        };
        self.take(len).map(drop)
    }

    fn length(&mut self, bytes: usize) -> Option<usize> {
        let digits = self.take(bytes)?;
        Some(
            digits
                .iter()
                .fold(0, |len, byte| len << 8 | usize::from(*byte)),
        )
    }

    fn take(&mut self, len: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    /// Copies the input that was consumed since `start`.
    fn copy(&mut self, start: &'p [u8]) {
        let taken = start.len() - self.rest.len();
        self.out.extend_from_slice(&start[..taken]);
    }
}

/// Formats a time in milliseconds since 1970 as `Date.prototype.toISOString` does.
fn iso(time: i64) -> String {
    let (days, milliseconds) = (time.div_euclid(86_400_000), time.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let seconds = milliseconds / 1000;
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+07}"),
    };
    format!(
        "{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}

/// Converts days since 1970 to a Gregorian date. It counts years from March, in eras of 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
