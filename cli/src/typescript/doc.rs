//! Lays out text as Prettier does: groups that fit on a line stay on it, others break.

use std::rc::Rc;

const WIDTH: usize = 80;
const INDENT: usize = 2;

/// A piece of a document, modelled on Prettier's "doc" commands.
#[derive(Clone, Debug)]
pub(super) enum Doc {
    Text(String),
    Concat(Vec<Doc>),
    Indent(Rc<Doc>),
    /// Content that is broken as a whole or not at all; `true` if it is always broken.
    Group(Rc<Doc>, bool),
    /// A space, or a new line in a broken group.
    Line,
    /// Nothing, or a new line in a broken group.
    SoftLine,
    HardLine,
    /// Text that is printed only in a broken group.
    IfBreak(Rc<Doc>),
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Flat,
    Break,
}

type Command<'a> = (usize, Mode, &'a Doc);

impl Doc {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn indent(self) -> Self {
        Self::Indent(Rc::new(self))
    }

    pub(super) fn group(self) -> Self {
        let broken = self.must_break();
        Self::Group(Rc::new(self), broken)
    }

    pub(super) fn if_break(doc: Doc) -> Self {
        Self::IfBreak(Rc::new(doc))
    }

    pub(super) fn join(docs: impl IntoIterator<Item = Doc>, separator: &Doc) -> Self {
        let mut joined = Vec::new();
        for doc in docs {
            if !joined.is_empty() {
                joined.push(separator.clone());
            }
            joined.push(doc);
        }
        Self::Concat(joined)
    }

    fn must_break(&self) -> bool {
        match self {
            Self::HardLine => true,
            Self::Concat(docs) => docs.iter().any(Self::must_break),
            Self::Indent(doc) => doc.must_break(),
            Self::Group(_, broken) => *broken,
            Self::Text(_) | Self::Line | Self::SoftLine | Self::IfBreak(_) => false,
        }
    }

    /// Returns the text, without trailing spaces.
    pub(super) fn print(&self) -> String {
        let mut output = String::new();
        let mut column = 0;
        let mut commands: Vec<Command<'_>> = vec![(0, Mode::Break, self)];
        while let Some((indent, mode, doc)) = commands.pop() {
            match doc {
                Self::Text(text) => {
                    output.push_str(text);
                    column += text.chars().count();
                }
                Self::Concat(docs) => {
                    commands.extend(docs.iter().rev().map(|doc| (indent, mode, doc)));
                }
                Self::Indent(doc) => commands.push((indent + INDENT, mode, doc)),
                Self::Group(doc, broken) => {
                    let flat = (indent, Mode::Flat, &**doc);
                    let fits = !broken
                        && (mode == Mode::Flat
                            || fits(flat, &commands, WIDTH.saturating_sub(column)));
                    let mode = if fits { Mode::Flat } else { Mode::Break };
                    commands.push((indent, mode, doc));
                }
                Self::IfBreak(doc) if mode == Mode::Break => commands.push((indent, mode, doc)),
                Self::Line if mode == Mode::Flat => {
                    output.push(' ');
                    column += 1;
                }
                Self::IfBreak(_) => {}
                Self::SoftLine if mode == Mode::Flat => {}
                Self::Line | Self::SoftLine | Self::HardLine => {
                    output.truncate(output.trim_end_matches(' ').len());
                    output.push('\n');
                    output.extend(std::iter::repeat_n(' ', indent));
                    column = indent;
                }
            }
        }
        output
    }
}

/// Returns `true` if the content fits on the rest of the line, up to the next possible line break.
fn fits<'a>(next: Command<'a>, rest: &[Command<'a>], width: usize) -> bool {
    let mut left = width;
    let mut rest = rest.iter().rev();
    let mut commands = vec![next];
    loop {
        let Some((indent, mode, doc)) = commands.pop().or_else(|| rest.next().copied()) else {
            return true;
        };
        match doc {
            Doc::Text(text) => match left.checked_sub(text.chars().count()) {
                Some(remaining) => left = remaining,
                None => return false,
            },
            Doc::Concat(docs) => commands.extend(docs.iter().rev().map(|doc| (indent, mode, doc))),
            Doc::Indent(doc) => commands.push((indent, mode, doc)),
            Doc::Group(_, true) if mode == Mode::Flat => return false,
            Doc::Group(doc, broken) => {
                let mode = if *broken { Mode::Break } else { mode };
                commands.push((indent, mode, doc));
            }
            Doc::IfBreak(doc) if mode == Mode::Break => commands.push((indent, mode, doc)),
            Doc::IfBreak(_) => {}
            Doc::HardLine => return true,
            Doc::Line | Doc::SoftLine if mode == Mode::Break => return true,
            Doc::Line => match left.checked_sub(1) {
                Some(remaining) => left = remaining,
                None => return false,
            },
            Doc::SoftLine => {}
        }
    }
}
