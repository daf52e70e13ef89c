//! Documentation comments and code as HTML.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html as markdown};

/// Renders Markdown as rustdoc does. HTML in it is escaped.
pub(super) fn prose(text: &str) -> Markup {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        Event::Start(tag) => Event::Start(harmless(tag)),
        other => other,
    });
    let mut html = String::new();
    markdown::push_html(&mut html, events);
    PreEscaped(html)
}

/// Restricts links to pages, so that no link runs a script.
fn harmless(tag: Tag<'_>) -> Tag<'_> {
    let leads = |url: &str| {
        ["https://", "http://", "#"]
            .iter()
            .any(|start| url.starts_with(start))
    };
    match tag {
        Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        } => Tag::Link {
            link_type,
            dest_url: if leads(&dest_url) {
                dest_url
            } else {
                "#".into()
            },
            title,
            id,
        },
        // A self-contained page loads no images.
        Tag::Image { .. } => Tag::Emphasis,
        other => other,
    }
}

/// Renders code, with links from type names to their declarations.
pub(super) fn code(text: &str, types: &BTreeMap<String, String>) -> Markup {
    html! {
        @for (word, is_name) in words(text) {
            @if is_name && types.contains_key(word) {
                a href=(format!("#type-{word}")) { (word) }
            } @else {
                (word)
            }
        }
    }
}

/// Splits code into names and the text between them.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        let is_name = is_part(rest.chars().next()?);
        let end = rest
            .find(|letter| is_part(letter) != is_name)
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some((word, is_name))
    })
}
