//! JSON (an array of objects) and NDJSON (an object a line): read twice, first for the keys, then for the values, so
//! that the table has all its columns from the start and only one object is in memory.

use std::fmt;
use std::io::{BufRead as _, BufReader};

use indexmap::IndexSet;
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Bytes;
use super::text::{Allowance, Text};
use crate::cell::CellKind;
use crate::rows::{Rows, Stop};
use crate::{Cell, SheetError};

/// Reads `[{…}, …]`; rows are numbered by their place, from 1.
pub(crate) fn read_array(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    twice(bytes, rows, array)
}

/// Reads one object a line; rows are numbered by their line, from 1.
pub(crate) fn read_lines(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    twice(bytes, rows, lines)
}

/// What is done with an object and its number.
type Take<'a> = &'a mut dyn FnMut(u32, Map<String, Value>) -> Result<(), Stop>;

fn twice(bytes: Bytes, rows: &mut Rows, pass: fn(Text, Take<'_>) -> Result<Bytes, Stop>) -> Result<(), Stop> {
    let mut keys = IndexSet::new();
    let bytes = pass(Text::open(bytes)?, &mut |_, object| {
        flat(object, &mut |key, _| {
            if !keys.contains(key) {
                rows.check_column(keys.len())?;
                keys.insert(key.to_owned());
            }
            Ok(())
        })
    })?;
    if keys.is_empty() {
        return Ok(());
    }
    rows.push(0, keys.iter().map(|key| Cell::text(key)).collect())?;
    pass(Text::open(bytes)?, &mut |number, object| {
        let mut cells = vec![Cell::default(); keys.len()];
        flat(object, &mut |key, value| {
            if let Some(column) = keys.get_index_of(key) {
                cells[column] = cell(value);
            }
            Ok(())
        })?;
        rows.push(number, cells)
    })?;
    Ok(())
}

/// The fields of an object; those of an object in it as `outer.inner`, except `attributes`, which are ours.
fn flat(object: Map<String, Value>, take: &mut dyn FnMut(&str, Value) -> Result<(), Stop>) -> Result<(), Stop> {
    for (key, value) in object {
        match value {
            Value::Object(inner) => {
                for (name, value) in inner {
                    if key == "attributes" { take(&name, value)? } else { take(&format!("{key}.{name}"), value)? }
                }
            }
            value => take(&key, value)?,
        }
    }
    Ok(())
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::default(),
        Value::Bool(value) => Cell::bool(value),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), ..) => Cell::of(CellKind::Number, &value.to_string()),
            (_, Some(value), _) => Cell::of(CellKind::Number, &value.to_string()),
            (.., Some(value)) => Cell::number(value),
            _ => Cell::default(),
        },
        Value::String(text) => Cell::text(&text),
        Value::Array(values) => {
            let texts: Vec<_> = values.into_iter().map(|value| cell(value).text).collect();
            Cell::text(&texts.join(", "))
        }
        value @ Value::Object(_) => Cell::text(&value.to_string()),
    }
}

fn lines(text: Text, take: Take<'_>) -> Result<Bytes, Stop> {
    let allowance = text.allowance();
    let mut reader = BufReader::new(text);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        allowance.renew();
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| refusal(&error))?;
        if read == 0 {
            return Ok(reader.into_inner().into_source());
        }
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let object = serde_json::from_slice(&line)
            .map_err(|_| SheetError::Damaged(format!("line {number} is not a JSON object")))?;
        take(number, object)?;
    }
}

fn array(text: Text, take: Take<'_>) -> Result<Bytes, Stop> {
    let allowance = text.allowance();
    let mut reader = BufReader::with_capacity(64 << 10, text);
    let mut parser = serde_json::Deserializer::from_reader(&mut reader);
    let mut objects = Objects { take, allowance, number: 0, stop: None };
    let read = parser.deserialize_seq(&mut objects).and_then(|()| parser.end());
    if let Some(stop) = objects.stop {
        return Err(stop);
    }
    if let Err(error) = read {
        let number = objects.number + 1;
        return Err(match error.io_error_kind() {
            Some(kind) => refusal(&kind.into()),
            None => SheetError::Damaged(format!("object {number} is not complete JSON")),
        }
        .into());
    }
    Ok(reader.into_inner().into_source())
}

fn refusal(error: &std::io::Error) -> SheetError {
    match error.kind() {
        std::io::ErrorKind::InvalidData => SheetError::damaged("an object of it never ends"),
        kind => SheetError::Unreadable(kind.to_string()),
    }
}

/// Takes the objects of an array one by one.
struct Objects<'a> {
    take: Take<'a>,
    allowance: Allowance,
    number: u32,
    stop: Option<Stop>,
}

impl<'de> Visitor<'de> for &mut Objects<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<(), A::Error> {
        self.allowance.renew();
        while objects.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Objects<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let object: Map<String, Value> = serde::Deserialize::deserialize(deserializer)?;
        self.allowance.renew();
        self.number += 1;
        (self.take)(self.number, object).map_err(|stop| {
            self.stop = Some(stop);
            D::Error::custom("stopped")
        })
    }
}
