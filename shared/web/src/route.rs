//! Path patterns as API Gateway's HTTP APIs have them: `{name}` is one segment, and a literal goes before it.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>.

/// The values of the variable segments if `path` fits `pattern`, percent-decoded.
pub fn matches(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut found = path.split('/');
    for wanted in pattern.split('/') {
        let segment = found.next()?;
        if wanted.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            values.push(decode(segment));
        } else if wanted != segment {
            return None;
        }
    }
    found.next().is_none().then_some(values)
}

/// The names of the variable segments.
pub fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// What to sort patterns by so that the first that fits is the right one: literals before variables.
pub fn precedence(pattern: &str) -> Vec<bool> {
    pattern.split('/').map(|segment| segment.starts_with('{')).collect()
}

/// Percent-decoding; what is no UTF-8 becomes replacement characters, which no id has.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| segment.get(at + 1..at + 3))
            .flatten()
            .filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_take_one_segment() {
        assert_eq!(matches("/api/a/{id}", "/api/a/x%2By").unwrap(), ["x+y"]);
        assert_eq!(matches("/api/a/{id}/b/{c}", "/api/a/1/b/2").unwrap(), ["1", "2"]);
        for path in ["/api/a", "/api/a/", "/api/a/1/", "/api/a/1/b", "/api/b/1"] {
            assert_eq!(matches("/api/a/{id}", path), None, "{path}");
        }
        assert_eq!(variables("/api/a/{id}/b/{c}").collect::<Vec<_>>(), ["id", "c"]);
    }

    #[test]
    fn broken_percent_signs_stay() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%41%"), "%zzA%");
        assert_eq!(decode("%+1a"), "%+1a");
        assert_eq!(decode("%ff"), "\u{fffd}");
    }

    #[test]
    fn literals_go_first() {
        let mut patterns = ["/api/{a}/b", "/api/c/{b}", "/api/c/search"];
        patterns.sort_by_key(|pattern| precedence(pattern));
        assert_eq!(patterns, ["/api/c/search", "/api/c/{b}", "/api/{a}/b"]);
    }
}
