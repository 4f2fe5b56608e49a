//! How a batch is parted into calls of SendGrid: what the mails of a call have alike is its content, and what differs are
//! the texts that each personalization puts in, of which there may be 10,000 bytes.

use std::collections::BTreeMap;

use crate::{
    email::Mail,
    sendgrid::{BYTES, RECIPIENTS},
};

/// The most bytes of a personalization's substitutions.
const SUBSTITUTIONS: usize = 10_000;
/// The words of the content that are replaced. Nobody writes them.
const TEXT: &str = "-dundun:text-";
const HTML: &str = "-dundun:html-";

/// Mails of one call, by their places in the batch.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The places.
    pub mails: Vec<usize>,
    text: Alike,
    html: Alike,
}

/// What texts begin and end with alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alike {
    head: String,
    tail: String,
    /// Whether that is all there is: nothing differs.
    whole: bool,
}

impl Alike {
    fn of(text: &str) -> Self {
        Self { head: text.to_owned(), tail: String::new(), whole: true }
    }

    /// What is left alike with one more text.
    fn with(&self, text: &str) -> Self {
        if self.whole && self.head == text {
            return self.clone();
        }
        let head_of = |a: &str, b: &str| -> usize {
            a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        let tail_of = |a: &str, b: &str| -> usize {
            a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        let head = head_of(&self.head, text);
        let last = if self.whole { &self.head[head..] } else { &self.tail };
        let tail = tail_of(last, &text[head..]);
        Self { head: text[..head].to_owned(), tail: text[text.len() - tail..].to_owned(), whole: false }
    }

    /// The bytes of a text that are not alike.
    fn rest<'a>(&self, text: &'a str) -> &'a str {
        if self.whole { "" } else { &text[self.head.len()..text.len() - self.tail.len()] }
    }

    fn content(&self, word: &str) -> String {
        if self.whole { self.head.clone() } else { format!("{}{word}{}", self.head, self.tail) }
    }
}

impl Part {
    fn of(index: usize, mail: &Mail<'_>) -> Self {
        Self { mails: vec![index], text: Alike::of(&mail.text), html: Alike::of(&mail.html) }
    }

    /// The same with one more mail; `None` if it does not fit.
    fn with(&self, index: usize, mails: &[Mail<'_>], bytes: usize) -> Option<Self> {
        if self.mails.len() == RECIPIENTS || bytes > BYTES {
            return None;
        }
        let part = Self {
            mails: Vec::new(),
            text: self.text.with(&mails[index].text),
            html: self.html.with(&mails[index].html),
        };
        let own = |mail: &Mail<'_>| part.text.rest(&mail.text).len() + part.html.rest(&mail.html).len();
        // Only what is alike among all shrinks, so mails that fitted may not any more.
        let shrunk = part.text != self.text || part.html != self.html;
        let all = self.mails.iter().filter(|_| shrunk).chain([&index]);
        let fits = all.into_iter().all(|index| own(&mails[*index]) <= SUBSTITUTIONS - 100);
        fits.then(|| Self { mails: [&self.mails[..], &[index]].concat(), ..part })
    }

    /// The two parts of the call's mail.
    pub fn content(&self) -> (String, String) {
        (self.text.content(TEXT), self.html.content(HTML))
    }

    /// What takes the place of its words for one recipient.
    pub fn substitutions<'a>(&self, mail: &'a Mail<'_>) -> BTreeMap<&'static str, &'a str> {
        let parts = [(TEXT, &self.text, &mail.text), (HTML, &self.html, &mail.html)];
        parts
            .into_iter()
            .filter(|(_, alike, _)| !alike.whole)
            .map(|(word, alike, text)| (word, alike.rest(text)))
            .collect()
    }
}

/// The calls of a batch.
pub(crate) fn of(mails: &[Mail<'_>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut bytes = 0;
    for (index, mail) in mails.iter().enumerate() {
        bytes += mail.size();
        let longer = parts.last().and_then(|part| part.with(index, mails, bytes));
        if let (Some(longer), Some(part)) = (longer, parts.last_mut()) {
            *part = longer;
        } else {
            parts.push(Part::of(index, mail));
            bytes = mail.size();
        }
    }
    parts
}
