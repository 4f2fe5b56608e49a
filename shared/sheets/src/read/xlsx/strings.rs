//! The list of texts of a workbook (`sharedStrings.xml`): most cells only say which of them they hold.

use std::borrow::Cow;
use std::io::Read;
use std::ops::ControlFlow;

use quick_xml::events::Event;

use crate::SheetError;
use crate::read::xml::{events, push_text};
use crate::rows::Stop;

/// All texts, one after the other: four bytes a text and its own, and nothing else.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the list. Errors: `strings_too_large` if it needs more than `most` bytes of memory, `file_damaged`.
    pub(super) fn read(part: impl Read, most: u64) -> Result<Self, Stop> {
        let mut strings = Self::default();
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(u32::MAX as usize);
        let (mut inside, mut phonetic) = (false, false);
        events(part, "its list of texts cannot be read", |event| {
            match &event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "t" => inside = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "t" => inside = false,
                    "rPh" => phonetic = false,
                    "si" => strings.end(),
                    _ => {}
                },
                event if inside && !push_text(&mut strings.text, event) => {
                    return Err(SheetError::damaged("a text in it cannot be read").into());
                }
                _ => {}
            }
            if strings.text.len() + strings.ends.len() * size_of::<u32>() > most {
                return Err(SheetError::StringsTooLarge.into());
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(strings)
    }

    /// Text number `index`, from 0.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? as usize };
        self.text.get(start..*self.ends.get(index)? as usize)
    }

    fn end(&mut self) {
        let start = self.ends.last().map_or(0, |end| *end as usize);
        if let Cow::Owned(text) = unescape(&self.text[start..]) {
            self.text.truncate(start);
            self.text.push_str(&text);
        }
        self.ends.push(self.text.len() as u32);
    }
}

/// A text in which `_x000D_` stands for a character that XML cannot hold (ECMA-376, part 1, 22.4.2.4).
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let code = |at: usize| -> Option<u16> {
        let hex = text.get(at..at + 7)?.strip_prefix("_x")?.strip_suffix('_')?;
        hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(hex, 16).ok())?
    };
    if !text.match_indices("_x").any(|(at, _)| code(at).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match code(at) {
            Some(unit) => {
                units.push(unit);
                while rest.next_if(|(next, _)| *next < at + 7).is_some() {}
            }
            None => units.extend(character.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    Cow::Owned(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_cannot_hold() {
        for (written, meant) in [
            ("plain_x", "plain_x"),
            ("a_x000D__x000a_b", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDCF7_é", "📷é"),
            ("_xD83D_", "\u{fffd}"),
            ("_x00G0_ _x+0FF_", "_x00G0_ _x+0FF_"),
        ] {
            assert_eq!(unescape(written), meant);
        }
    }

    #[test]
    fn texts_by_number() {
        let xml =
            "<sst><si><t>a</t></si><si/><si><r><t>b </t></r><r><t>&lt;c&gt;</t></r><rPh><t>x</t></rPh></si></sst>";
        let strings = Strings::read(xml.as_bytes(), 100).unwrap();
        let found: Vec<_> = (0..4).map(|index| strings.get(index)).collect();
        assert_eq!(found, [Some("a"), Some(""), Some("b <c>"), None]);
        assert!(matches!(Strings::read(xml.as_bytes(), 17), Err(Stop::Failed(SheetError::StringsTooLarge))));
        let unknown = "<sst><si><t>&other;</t></si></sst>";
        assert!(matches!(Strings::read(unknown.as_bytes(), 100), Err(Stop::Failed(SheetError::Damaged(_)))));
    }
}
