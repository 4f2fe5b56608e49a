//! How much of a file is taken. Everything that an uploader controls has a bound here.

/// The bounds that [`crate::Sheet::open`] holds a file to. Start from [`Limits::default`] and lower what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it is; more is `file_too_large`.
    pub file_bytes: u64,
    /// Bytes of an old `.xls` file, which cannot be streamed; more is `file_too_large`.
    pub xls_bytes: u64,
    /// Bytes of all parts of a zipped workbook when unpacked; more is `file_bomb`.
    pub unpacked_bytes: u64,
    /// How many times its packed size a large part may unpack to; more is `file_bomb`.
    /// Real worksheets reach about 30, deflate can reach 1,032.
    pub ratio: u64,
    /// Bytes of the list of texts of a workbook when unpacked; more is `strings_too_large`. It is held in memory.
    pub strings_bytes: u64,
    /// Rows with something in them, heading included; more is `too_many_rows`.
    pub rows: u32,
    /// The rightmost column with something in it; more is `too_many_columns`.
    pub columns: usize,
}

impl Default for Limits {
    /// What an import of any size takes: a million rows, 200 MB, 100 columns.
    fn default() -> Self {
        Self {
            file_bytes: 200 << 20,
            xls_bytes: 32 << 20,
            unpacked_bytes: 1 << 30,
            ratio: 150,
            strings_bytes: 160 << 20,
            rows: 1_000_001,
            columns: 100,
        }
    }
}

impl Limits {
    /// The default bounds with at most `rows` rows below the heading, in a file of at most `file_bytes` bytes:
    /// for uploads that are answered at once.
    pub fn small(rows: u32, file_bytes: u64) -> Self {
        Self { rows: rows.saturating_add(1), file_bytes, unpacked_bytes: 256 << 20, ..Self::default() }
    }
}
