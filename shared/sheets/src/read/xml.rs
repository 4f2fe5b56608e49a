//! XML of any length, as events, in constant memory: what is unpacked is cut before a tag, and each piece is read in place.

use std::io::Read;
use std::ops::ControlFlow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::{Error, Reader};

use crate::SheetError;
use crate::rows::Stop;

/// Bytes that are looked at together.
const WINDOW: usize = 128 << 10;
/// The longest text, comment or tag: a cell holds at most 32,767 characters. More would fill the memory.
pub(crate) const LONGEST: usize = 1 << 20;

/// Gives the events of a part to `take`, until it breaks or the part ends. A text may come in several events. Empty
/// elements come as a start and an end. `what` is what the error says of a part that is no XML.
///
/// Errors: those of `take`, `file_damaged`, `file_bomb` for a single text, comment or tag above 1 MB.
pub(crate) fn events(
    mut part: impl Read,
    what: &'static str,
    mut take: impl FnMut(Event<'_>) -> Result<ControlFlow<()>, Stop>,
) -> Result<(), Stop> {
    let mut window = vec![0; WINDOW];
    let (mut filled, mut begun, mut ended) = (0, false, false);
    while !ended {
        while filled < window.len() && !ended {
            let read = part.read(&mut window[filled..]).map_err(|_| SheetError::damaged(what))?;
            filled += read;
            ended = read == 0;
        }
        // The first piece has the mark of UTF-8 before it, if there is one.
        let mark = if !begun && window.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        begun = true;
        let mut end = if ended { filled } else { last_tag(&window[..filled]) };
        let piece = window.get(mark..end).unwrap_or_default();
        let piece = std::str::from_utf8(piece).map_err(|_| SheetError::damaged(what))?;
        let mut reader = Reader::from_str(piece);
        let config = reader.config_mut();
        // Elements begin in one piece and end in another, so who takes the events tells which end is whose.
        (config.allow_unmatched_ends, config.check_end_names) = (true, false);
        config.expand_empty_elements = true;
        loop {
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => {
                    if take(event)?.is_break() {
                        return Ok(());
                    }
                }
                // What was cut off is a tag only by its looks: it is inside of a comment or the like, which goes on.
                Err(Error::Syntax(_)) if !ended => {
                    end = mark + reader.error_position() as usize;
                    break;
                }
                Err(_) => return Err(SheetError::damaged(what).into()),
            }
        }
        window.copy_within(end..filled, 0);
        filled -= end;
        if filled == window.len() {
            if filled >= LONGEST {
                return Err(SheetError::Bomb.into());
            }
            window.resize(filled * 2, 0);
        }
    }
    Ok(())
}

/// Where the last tag of the window begins; 0 if there is none or it is all there is.
fn last_tag(window: &[u8]) -> usize {
    window.iter().rposition(|byte| *byte == b'<').unwrap_or(0)
}

/// Adds the text of an event, if it has any. False: a reference to something that XML itself does not define, which is
/// never looked up.
#[must_use]
pub(crate) fn push_text(text: &mut String, event: &Event<'_>) -> bool {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => match character(reference) {
            Some(character) => text.push_str(&character),
            None => return false,
        },
        _ => {}
    }
    true
}

fn character(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out at most so many bytes at once.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn texts(xml: &str) -> Result<String, Stop> {
        let mut texts = String::new();
        events(Slowly(xml.as_bytes(), 1_000), "it is broken", |event| {
            match &event {
                Event::Start(tag) => texts.push_str(&format!("[{}", tag.name().as_ref())),
                Event::End(_) => texts.push(']'),
                event => assert!(push_text(&mut texts, event)),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(texts)
    }

    #[test]
    fn pieces_fit_together_wherever_they_are_cut() {
        // More than a window, so that every kind of markup lies across a cut in one of the rounds.
        let row = "<a x='<'>é&amp;<![CDATA[<b>]]><!-- <c> --><d/></a>";
        let expected = "[aé&<b>[d]]";
        for padding in 0..row.len() {
            let lead = "x".repeat(WINDOW - row.len() + padding);
            let xml = format!("\u{feff}<?xml version='1.0'?>{lead}{}", row.repeat(3));
            assert_eq!(texts(&xml).unwrap(), format!("{lead}{}", expected.repeat(3)), "{padding}");
        }
    }

    #[test]
    fn a_long_text_is_read_and_an_endless_one_is_refused() {
        let long = "x".repeat(LONGEST / 2);
        assert_eq!(texts(&format!("<a>{long}</a>")).unwrap(), format!("[a{long}]"));
        for (before, after) in [("<a>", "</a>"), ("<!--", "-->"), ("<a b='", "'/>"), ("<![CDATA[", "]]>")] {
            let endless = format!("{before}{}{after}", "x<".repeat(LONGEST));
            let endless = if before == "<a>" { endless.replace("x<", "xx") } else { endless };
            assert!(matches!(texts(&endless), Err(Stop::Failed(SheetError::Bomb))), "{before}");
        }
    }

    #[test]
    fn what_is_no_xml_is_damaged() {
        for xml in ["<a", "<a>&b", "<!-- a", "\u{0}<", "<a b='>"] {
            assert!(matches!(texts(xml), Err(Stop::Failed(SheetError::Damaged(_)))), "{xml}");
        }
    }
}
