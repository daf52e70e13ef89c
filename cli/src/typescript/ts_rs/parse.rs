//! Parser of TypeScript types as ts-rs writes them.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::ts::{Declaration, Member, Ts};

/// Reason why a declaration cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unread {
    /// The text is not valid TypeScript.
    Broken,
    /// The syntax is valid, but ts-rs does not generate it.
    Unusual,
}

/// Parses `type Name<A, B> = …;`.
pub(super) fn declaration(text: &str) -> Result<Declaration, Unread> {
    let tokens = tokens(text).ok_or(Unread::Broken)?;
    // No type contains an asterisk. It is left over from a comment that ended early.
    if tokens.contains(&Token::Symbol('*')) {
        return Err(Unread::Broken);
    }
    Parser(tokens.into_iter().peekable(), 0)
        .declaration()
        .ok_or(Unread::Unusual)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    /// A string literal, without its quotes.
    Text(String),
    Symbol(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || "_$.".contains(c);
        let length = if rest.starts_with("/*") {
            rest.find("*/")? + 2
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' || first == '\'' {
            let (text, length) = quoted(rest, first)?;
            tokens.push(Token::Text(text));
            length
        } else if is_word(first) || first == '-' {
            let length = rest[1..]
                .find(|c| !is_word(c))
                .map_or(rest.len(), |it| it + 1);
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            tokens.push(Token::Symbol(first));
            first.len_utf8()
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// Returns a string literal and its length including the quotes.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?.1),
            '\n' => return None,
            end if end == quote => return Some((value, index + 1)),
            other => value.push(other),
        }
    }
    None
}

/// Maximum nesting of types.
const DEEPEST: usize = 64;

/// Remaining tokens, and the current nesting depth.
struct Parser(Peekable<IntoIter<Token>>, usize);

impl Parser {
    fn take(&mut self, symbol: char) -> bool {
        self.0.next_if_eq(&Token::Symbol(symbol)).is_some()
    }

    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.take(symbol).then_some(())
    }

    fn declaration(&mut self) -> Option<Declaration> {
        self.keyword("type")?;
        let name = self.word()?;
        let mut parameters = Vec::new();
        if self.take('<') {
            while !self.take('>') {
                parameters.push(self.word()?);
                if self.take('=') {
                    self.ty()?;
                }
                self.take(',');
            }
        }
        self.symbol('=')?;
        let ty = self.ty()?;
        self.take(';');
        self.0.next().is_none().then_some(Declaration {
            name,
            parameters,
            ty,
        })
    }

    fn keyword(&mut self, word: &str) -> Option<()> {
        self.0.next_if_eq(&Token::Word(word.to_owned())).map(|_| ())
    }

    fn word(&mut self) -> Option<String> {
        match self.0.next()? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn ty(&mut self) -> Option<Ts> {
        if self.1 == DEEPEST {
            return None;
        }
        self.1 += 1;
        let ty = self.separated('|', Self::intersection).map(Ts::union);
        self.1 -= 1;
        ty
    }

    fn intersection(&mut self) -> Option<Ts> {
        self.separated('&', Self::array).map(Ts::both)
    }

    fn separated(&mut self, symbol: char, part: fn(&mut Self) -> Option<Ts>) -> Option<Vec<Ts>> {
        self.take(symbol);
        let mut parts = vec![part(self)?];
        while self.take(symbol) {
            parts.push(part(self)?);
        }
        Some(parts)
    }

    fn array(&mut self) -> Option<Ts> {
        let mut ty = self.primary()?;
        let mut depth = 0;
        while self.take('[') {
            self.symbol(']')?;
            depth += 1;
            if depth > DEEPEST {
                return None;
            }
            ty = Ts::Array(Box::new(ty));
        }
        Some(ty)
    }

    fn primary(&mut self) -> Option<Ts> {
        match self.0.next()? {
            Token::Text(text) => Some(Ts::Text(text)),
            Token::Word(name) => self.name(name),
            Token::Symbol('(') => {
                let ty = self.ty()?;
                self.symbol(')')?;
                Some(ty)
            }
            Token::Symbol('[') => self.tuple(),
            Token::Symbol('{') => self.object(),
            Token::Symbol(_) => None,
        }
    }

    fn name(&mut self, name: String) -> Option<Ts> {
        let mut arguments = Vec::new();
        if self.take('<') {
            while !self.take('>') {
                arguments.push(self.ty()?);
                self.take(',');
            }
        }
        Some(Ts::named(name, arguments))
    }

    fn tuple(&mut self) -> Option<Ts> {
        let mut elements = Vec::new();
        while !self.take(']') {
            let ty = self.ty()?;
            elements.push((ty, self.take('?')));
            self.take(',');
        }
        Some(Ts::Tuple(elements))
    }

    fn object(&mut self) -> Option<Ts> {
        let mut members = Vec::new();
        let mut index = None;
        while !self.take('}') {
            let name = match self.0.next()? {
                Token::Symbol('[') => None,
                Token::Word(name) | Token::Text(name) => Some(name),
                Token::Symbol(_) => return None,
            };
            if name.is_none() {
                // `key in string` and `key: string` are equivalent: keys are always strings.
                self.word()?;
                if !self.take(':') {
                    self.keyword("in")?;
                }
                self.ty()?;
                self.symbol(']')?;
            }
            let optional = self.take('?');
            self.symbol(':')?;
            let ty = self.ty()?;
            match name {
                Some(name) => members.push(Member { name, optional, ty }),
                None => index = Some(Box::new(ty)),
            }
            let _ = self.take(',') || self.take(';');
        }
        Some(Ts::Object(members, index))
    }
}
