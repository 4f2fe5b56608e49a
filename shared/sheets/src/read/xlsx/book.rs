//! What is in a workbook: which parts are its worksheets, and which of its styles show dates.

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::SheetError;
use crate::read::xml::events;
use crate::rows::Stop;

/// Worksheets that a workbook may have; they are opened one after the other until one holds something.
const SHEETS: usize = 256;
/// Styles of cells that Excel takes (Excel specifications and limits).
const STYLES: usize = 65_490;

/// The parts of the package, by their names without regard to case.
pub(super) struct Parts<S> {
    zip: ZipArchive<S>,
    names: HashMap<String, usize>,
}

impl<S: Read + Seek> Parts<S> {
    pub(super) fn new(zip: ZipArchive<S>) -> Self {
        let names =
            zip.file_names().enumerate().filter_map(|(index, name)| Some((normal(&name.ok()?), index))).collect();
        Self { zip, names }
    }

    /// A part; `None` if there is none.
    pub(super) fn open(&mut self, path: &str) -> Option<Result<impl Read + use<'_, S>, SheetError>> {
        let index = *self.names.get(&normal(path))?;
        Some(self.zip.by_index(index).map_err(|_| SheetError::damaged("a part of it cannot be unpacked")))
    }

    /// Gives all start tags of a part to `take`; nothing if there is no such part.
    fn tags(
        &mut self,
        path: &str,
        mut take: impl FnMut(&str, &BytesStart<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Some(part) = self.open(path) else { return Ok(()) };
        events(part?, "the workbook cannot be read", |event| {
            if let Event::Start(tag) = &event {
                take(tag.local_name().as_ref(), tag)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// As names are compared: some programs write `\`, a leading `/`, or other cases than they refer to.
fn normal(path: &str) -> String {
    path.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// One relation of a part to another.
struct Relation {
    id: String,
    /// The last word of its type, such as `worksheet`.
    kind: String,
    path: String,
}

/// What a workbook says about itself.
pub(super) struct Book {
    /// Paths of the worksheets to read.
    pub(super) worksheets: Vec<String>,
    /// The path of the list of texts.
    pub(super) strings: String,
    /// Dates.
    pub(super) dates: Dates,
}

/// Which numbers are dates.
#[derive(Default)]
pub(super) struct Dates {
    /// Whether days count from 1904 instead of 1900.
    pub(super) from_1904: bool,
    /// For each style of cells whether it shows a date.
    styles: Vec<bool>,
}

impl Dates {
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.styles.get(style) == Some(&true)
    }
}

impl Book {
    pub(super) fn read<S: Read + Seek>(parts: &mut Parts<S>) -> Result<Self, Stop> {
        let package = relations(parts, "")?;
        let workbook = package.into_iter().find(|relation| relation.kind == "officeDocument");
        let workbook = workbook.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.path);
        let relations = relations(parts, &workbook)?;
        let beside = |name: &str| format!("{}{name}", folder(&workbook));
        let path = |kind: &str, usual: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map_or_else(|| beside(usual), |relation| relation.path.clone())
        };
        let (mut dates, mut sheets) = (Dates::default(), Vec::new());
        parts.tags(&workbook, |name, tag| {
            match name {
                "workbookPr" => {
                    if let Some(value) = attribute(tag, "date1904") {
                        dates.from_1904 = value == "1" || value == "true";
                    }
                }
                "sheet" if sheets.len() < SHEETS => {
                    let id = attribute(tag, "id").unwrap_or_default();
                    let visible = attribute(tag, "state").is_none_or(|state| state == "visible");
                    let relation = relations.iter().find(|relation| relation.id == id);
                    let relation = relation.ok_or_else(|| SheetError::damaged("a worksheet is missing"))?;
                    if relation.kind == "worksheet" {
                        sheets.push((visible, relation.path.clone()));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let any_visible = sheets.iter().any(|(visible, _)| *visible);
        let worksheets = sheets.into_iter().filter(|(visible, _)| *visible || !any_visible).map(|(_, path)| path);
        dates.styles = date_styles(parts, &path("styles", "styles.xml"))?;
        Ok(Self { worksheets: worksheets.collect(), strings: path("sharedStrings", "sharedStrings.xml"), dates })
    }
}

/// The folder that a part is in, with a slash at its end unless it is the root.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

/// The relations of a part; of the package itself for an empty path.
fn relations<S: Read + Seek>(parts: &mut Parts<S>, path: &str) -> Result<Vec<Relation>, Stop> {
    let folder = folder(path);
    let mut relations = Vec::new();
    parts.tags(&format!("{folder}_rels/{}.rels", &path[folder.len()..]), |name, tag| {
        if name == "Relationship" && relations.len() < SHEETS * 4 {
            let kind = attribute(tag, "Type").unwrap_or_default();
            let target = attribute(tag, "Target").unwrap_or_default().replace('\\', "/");
            relations.push(Relation {
                id: attribute(tag, "Id").unwrap_or_default(),
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                path: if target.starts_with('/') { target } else { format!("{folder}{target}") },
            });
        }
        Ok(())
    })?;
    Ok(relations)
}

/// The value of an attribute, whatever its prefix.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut found = attributes.with_checks(false).flatten().filter(|found| found.key.local_name().as_ref() == name);
    found.next()?.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// For each style of cells whether it shows a date.
fn date_styles<S: Read + Seek>(parts: &mut Parts<S>, path: &str) -> Result<Vec<bool>, Stop> {
    let Some(part) = parts.open(path) else { return Ok(Vec::new()) };
    let (mut formats, mut styles, mut inside) = (HashMap::new(), Vec::new(), false);
    events(part?, "its styles cannot be read", |event| {
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "numFmt" if formats.len() < STYLES => {
                    let code = attribute(tag, "formatCode").unwrap_or_default();
                    formats.insert(number(tag, "numFmtId"), shows_date(&code));
                }
                "cellXfs" => inside = true,
                "xf" if inside && styles.len() < STYLES => {
                    let id = number(tag, "numFmtId");
                    styles.push(formats.get(&id).copied().unwrap_or_else(|| is_built_in_date(id)));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => return Ok(ControlFlow::Break(())),
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(styles)
}

fn number(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// Formats that every workbook has (ECMA-376, part 1, 18.8.30). A duration (46) is no date.
fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58)
}

/// Whether a format for numbers shows a date or a time of day: a part of one stands in its first section, outside of
/// quotation marks and brackets. A duration (`[h]:mm`) is no date.
fn shows_date(code: &str) -> bool {
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            // The next one is shown as it is, or as wide as it is.
            '\\' | '_' | '*' => drop(characters.next()),
            '"' => drop(characters.by_ref().find(|end| *end == '"')),
            '[' => {
                let inside: String = characters.by_ref().take_while(|end| *end != ']').collect();
                if !inside.is_empty() && inside.chars().all(|unit| "hmsHMS".contains(unit)) {
                    return false;
                }
            }
            ';' => return false,
            'd' | 'm' | 'h' | 'y' | 's' | 'D' | 'M' | 'H' | 'Y' | 'S' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_dates() {
        for code in ["yyyy-mm-dd", "DD/MM/YY", "h:mm AM/PM", "[$-409]d-mmm-yy;@", "m\"M\"d\"D\";@", "\\Xh"] {
            assert!(shows_date(code), "{code}");
        }
        for code in
            ["General", "0.00", "[h]:mm:ss", "[Red]#,##0", "0.00\"m\"", "0_d", "@", "\\d0", "0;yyyy", "\"d", "["]
        {
            assert!(!shows_date(code), "{code}");
        }
    }
}
