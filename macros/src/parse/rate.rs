//! The option `rate` of an event: `"5/s"`, `"100/min burst 20"`.

use syn::LitStr;

use crate::{model::Rate, report::Report};

/// Parses the text of `rate = "…"`.
pub(super) fn rate(text: &LitStr, report: &mut Report) -> Option<Rate> {
    let value = text.value();
    let rate = parse(&value);
    if rate.is_none() {
        let message = format_args!(
            "invalid rate `{value}`; expected a positive number per `s`, `min` or `h`: `rate = \"5/s\"`, \
             optionally with a burst: `rate = \"5/s burst 20\"`"
        );
        report.at(text, message);
    }
    rate
}

fn parse(text: &str) -> Option<Rate> {
    let (rate, burst) = match text.split_once(" burst ") {
        Some((rate, burst)) => (rate, Some(number(burst)?)),
        None => (text, None),
    };
    let (count, unit) = rate.split_once('/')?;
    let count = number(count)?;
    let period = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 60 * 60,
        _ => return None,
    };
    Some(Rate {
        count,
        period,
        burst: burst.unwrap_or(count),
    })
}

/// Parses a positive number.
fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        let rate = |count, period, burst| {
            Some(Rate {
                count,
                period,
                burst,
            })
        };
        assert_eq!(parse("5/s"), rate(5, 1, 5));
        assert_eq!(parse("100 / min"), rate(100, 60, 100));
        assert_eq!(parse("1/h burst 3"), rate(1, 3600, 3));
        for wrong in [
            "",
            "5",
            "5/",
            "/s",
            "0/s",
            "5/s burst 0",
            "5/ms",
            "-1/s",
            "5/s 20",
            "1.5/s",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
