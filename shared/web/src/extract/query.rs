//! Query strings: unknown names are refused, states come in any case, lists by comma or by repetition.

use std::fmt;

use domain::{Error, Result, Violation};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, VariantAccess, Visitor,
        value::SeqDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{Extract, Incoming};
use crate::openapi::Describe;

/// The query string as `T`: a struct of `Option`s, `bool`s, numbers, texts, unit enums and `Vec`s of those.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Extract for Query<T> {
    fn extract(incoming: &Incoming) -> Result<Self> {
        read(pairs(&incoming.query)).map(Self)
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.query::<T>();
    }
}

/// The names and values of a query string, in order.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(query).unwrap_or_default()
}

/// Names and values as `T`, or 422 with `?name`.
pub(crate) fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T> {
    let mut grouped: IndexMap<String, Vec<String>> = IndexMap::new();
    for (name, value) in pairs {
        grouped.entry(name).or_default().push(value);
    }
    T::deserialize(Parameters(grouped)).map_err(|wrong| Error::Invalid(vec![wrong.0]))
}

/// What is wrong with a parameter.
#[derive(Debug)]
struct Wrong(Violation);

impl Wrong {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self(Violation::new("", code, detail))
    }

    fn at(mut self, name: &str) -> Self {
        if self.0.pointer.is_empty() {
            self.0.pointer = format!("?{name}");
        }
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        // Texts of the libraries below may quote the value, which may be a phone number.
        let message = message.to_string();
        let detail = match message.rsplit_once("expected ") {
            Some((_, expected)) => format!("Expected {expected}."),
            None => "This value cannot be read.".into(),
        };
        Self::new("parameter_invalid", detail)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("parameter_required", "This parameter is needed.").at(field)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new("parameter_unknown", "There is no such parameter.").at(field)
    }
}

struct Parameters(IndexMap<String, Vec<String>>);

impl<'de> Deserializer<'de> for Parameters {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Fields { rest: self.0.into_iter(), now: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        // Refused here, so that a filter cannot forget `deny_unknown_fields` and be ignored silently.
        if let Some(unknown) = self.0.keys().find(|name| !fields.contains(&name.as_str())) {
            return Err(de::Error::unknown_field(unknown, fields));
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Fields {
    rest: indexmap::map::IntoIter<String, Vec<String>>,
    now: Option<(String, Vec<String>)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        self.now = self.rest.next();
        self.now.as_ref().map(|(name, _)| seed.deserialize(name.as_str().into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, values) = self.now.take().ok_or_else(|| Wrong::new("parameter_invalid", "no value"))?;
        seed.deserialize(Parameter(values)).map_err(|wrong| wrong.at(&name))
    }
}

struct Parameter(Vec<String>);

impl Parameter {
    fn one(mut self) -> Result<String, Wrong> {
        match (self.0.pop(), self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(Wrong::new("parameter_duplicate", "This parameter is given twice.")),
        }
    }
}

impl IntoDeserializer<'_, Wrong> for Parameter {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $kind:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            let number: $kind = self.one()?.parse().map_err(|_| Wrong::new("parameter_type", $what))?;
            visitor.$visit(number)
        }
    )*};
}

impl<'de> Deserializer<'de> for Parameter {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_string(self.one()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.one()?.to_ascii_lowercase().as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(Wrong::new("parameter_type", "Expected true or false.")),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8, "Expected a whole number.";
        deserialize_i16 visit_i16 i16, "Expected a whole number.";
        deserialize_i32 visit_i32 i32, "Expected a whole number.";
        deserialize_i64 visit_i64 i64, "Expected a whole number.";
        deserialize_u8 visit_u8 u8, "Expected a whole number that is not negative.";
        deserialize_u16 visit_u16 u16, "Expected a whole number that is not negative.";
        deserialize_u32 visit_u32 u32, "Expected a whole number that is not negative.";
        deserialize_u64 visit_u64 u64, "Expected a whole number that is not negative.";
        deserialize_f64 visit_f64 f64, "Expected a number.";
        deserialize_f32 visit_f32 f32, "Expected a number.";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        // `?status=` is what forms send for "any".
        if self.0.iter().all(String::is_empty) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let values = self.0.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty());
        let values: Vec<_> = values.map(|value| Self(vec![value.to_owned()])).collect();
        visitor.visit_seq(SeqDeserializer::new(values.into_iter()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let text = self.one()?;
        match variants.iter().find(|variant| variant.eq_ignore_ascii_case(&text)) {
            Some(variant) => visitor.visit_enum(Unit(variant)),
            None => Err(Wrong::new("value_unknown", format!("Expected one of {}.", variants.join(", ")))),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

struct Unit(&'static str);

impl<'de> EnumAccess<'de> for Unit {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        Ok((seed.deserialize(self.0.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for Unit {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        Err(Wrong::new("parameter_type", "Expected a plain value."))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::new("parameter_type", "Expected a plain value."))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::new("parameter_type", "Expected a plain value."))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Filter {
        status: Option<Status>,
        tags: Vec<String>,
        min_rows: Option<u32>,
        refresh: bool,
        group_id: Option<domain::id::GroupId>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Status {
        Sent,
        Failed,
    }

    fn parse(query: &str) -> Result<Filter> {
        read(pairs(query))
    }

    fn wrong(query: &str) -> (String, String) {
        match parse(query) {
            Err(Error::Invalid(violations)) => (violations[0].pointer.clone(), violations[0].code.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn states_come_in_any_case() {
        for text in ["status=SENT", "status=sent", "status=Sent"] {
            assert_eq!(parse(text).unwrap().status, Some(Status::Sent));
        }
        assert_eq!(parse("status=").unwrap().status, None);
    }

    #[test]
    fn lists_by_comma_or_repetition() {
        assert_eq!(parse("tags=a,b&tags=c%20d").unwrap().tags, ["a", "b", "c d"]);
    }

    #[test]
    fn what_is_wrong_names_its_parameter() {
        let is = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(wrong("stauts=SENT"), is("?stauts", "parameter_unknown"));
        assert_eq!(wrong("status=SENDING"), is("?status", "value_unknown"));
        assert_eq!(wrong("minRows=x"), is("?minRows", "parameter_type"));
        assert_eq!(wrong("minRows=1&minRows=2"), is("?minRows", "parameter_duplicate"));
        assert_eq!(wrong("groupId=con_1"), is("?groupId", "parameter_invalid"));
        assert_eq!(
            parse("minRows=7&refresh=true").unwrap(),
            Filter { min_rows: Some(7), refresh: true, ..Filter::default() }
        );
    }
}
