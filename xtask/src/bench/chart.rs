//! The chart in the README.

use svg::{
    Document,
    node::element::{Group, Rectangle, Style, Text},
};

use super::{
    contender::Contender,
    plan::MEASURES,
    report::{Results, number},
};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 170.0;
const BARS: f64 = 470.0;
const BAR: f64 = 15.0;
const TITLE: f64 = 26.0;
const GAP: f64 = 12.0;

/// The contenders in the chart, with their colors.
const SHOWN: [(Contender, &str); 4] = [
    (Contender::SioTypes, "#2f6fde"),
    (Contender::ByHand, "#8a8f98"),
    (Contender::Node, "#4a9a5b"),
    (Contender::Floor, "#c9ccd1"),
];

/// Draws one group of bars for each measure. A bar is the throughput per second; the highest of a measure fills the
/// chart's width.
pub(super) fn draw(results: &Results) -> String {
    let mut chart = Document::new().add(Style::new(
        "text { font: 12px system-ui, sans-serif; fill: #555 } .title { font-weight: 600; fill: #333 } \
         @media (prefers-color-scheme: dark) { text { fill: #aaa } .title { fill: #ddd } }",
    ));
    let mut top = 4.0;
    for measure in &MEASURES {
        let bars = SHOWN.iter().filter_map(|(contender, colour)| {
            let value = results.median(measure.name, *contender, measure.figure)?;
            Some((contender.label(), *colour, value))
        });
        let bars: Vec<_> = bars.collect();
        if bars.is_empty() {
            continue;
        }
        let longest = bars.iter().map(|(_, _, value)| *value).fold(0.0, f64::max);
        let unit = measure.figure.replace("_per_second", " a second");
        let title = format!("{}: {unit}", measure.title);
        chart = chart.add(text(&title, 0.0, top + 14.0).set("class", "title"));
        top += TITLE;
        for (label, colour, value) in bars {
            chart = chart.add(bar(label, colour, value, longest, top));
            top += BAR + 3.0;
        }
        top += GAP;
    }
    chart
        .set("viewBox", (0.0, 0.0, WIDTH, top))
        .set("role", "img")
        .set(
            "aria-label",
            "How much sio-types, socketioxide by hand and Node do in a second",
        )
        .to_string()
        + "\n"
}

fn bar(label: &str, colour: &str, value: f64, longest: f64, top: f64) -> Group {
    let width = (value / longest * BARS).max(1.0);
    let rectangle = Rectangle::new()
        .set("x", LABELS)
        .set("y", top)
        .set("width", format!("{width:.1}"))
        .set("height", BAR)
        .set("rx", 2)
        .set("fill", colour);
    let baseline = top + BAR - 3.0;
    Group::new()
        .add(text(label, LABELS - 8.0, baseline).set("text-anchor", "end"))
        .add(rectangle)
        .add(text(&number(value), LABELS + width + 6.0, baseline))
}

fn text(content: &str, x: f64, y: f64) -> Text {
    Text::new(content)
        .set("x", format!("{x:.1}"))
        .set("y", format!("{y:.1}"))
}
