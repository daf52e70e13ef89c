//! Arrays: their lengths and their elements.

use serde_json::Value;

use super::misfit::{Misfit, Place, Why};
use super::{Comparison, rest_fits};
use crate::diff::shape::{Fields, Shape};

impl<'a> Comparison<'a> {
    pub(super) fn arrays(&mut self, a: &'a Fields, b: &'a Fields, place: &Place) -> Vec<Misfit> {
        const READ: [&str; 5] = ["type", "items", "prefixItems", "minItems", "maxItems"];
        let length = |fields: &Fields, name: &str| fields.get(name).and_then(Value::as_u64);
        let low = length(a, "minItems").unwrap_or(0) >= length(b, "minItems").unwrap_or(0);
        let high = match (length(a, "maxItems"), length(b, "maxItems")) {
            (_, None) => true,
            (Some(a), Some(b)) => a <= b,
            (None, Some(_)) => false,
        };
        if !low || !high || !rest_fits(a, b, &READ) {
            return place.misfit(Why::Type);
        }
        let (first_a, first_b) = (prefix(a), prefix(b));
        let most = length(a, "maxItems").unwrap_or(u64::MAX);
        let mut misfits = Vec::new();
        for index in 0..first_a.len().max(first_b.len()) {
            if index as u64 >= most {
                break;
            }
            if !self.effort.spend(1 + place.length() / 64) {
                return place.misfit(Why::Type);
            }
            let place = place.step(&format!("[{index}]"));
            misfits.extend(self.element(item(a, index), item(b, index), &place));
        }
        let rest = first_a.len().max(first_b.len());
        if (rest as u64) < most {
            misfits.extend(self.element(item(a, rest), item(b, rest), &place.step("[]")));
        }
        misfits
    }

    fn element(
        &mut self,
        value: Option<&'a Value>,
        expected: Option<&'a Value>,
        place: &Place,
    ) -> Vec<Misfit> {
        match (value, expected) {
            (_, None) => Vec::new(),
            (Some(value), Some(expected)) => self.compare(value, expected, place),
            (None, Some(expected)) => {
                let any = self.expected.alternatives(expected);
                self.compare_all(&[Shape::Any], &any, place)
            }
        }
    }
}

fn prefix(array: &Fields) -> &[Value] {
    let items = array.get("prefixItems").and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}

/// Returns the schema of an element; `None` if the element may be anything.
fn item(array: &Fields, index: usize) -> Option<&Value> {
    prefix(array).get(index).or_else(|| array.get("items"))
}
