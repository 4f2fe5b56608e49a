//! Why a spreadsheet cannot be taken. Every error has a stable code and words for the person who uploaded the file.
//!
//! Invariant: no text here holds anything from the file (no cell, no number, no header): files are personal data.

/// Why a file as a whole is refused. A file that is refused stores nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Some other kind of file: a picture, a PDF, a web page that is called `.xls`.
    #[error("This is not a spreadsheet: it looks like {0}. Save it as Excel (.xlsx) or CSV and try again.")]
    NotASpreadsheet(&'static str),
    /// Protected by a password.
    #[error("This file is protected by a password. Save a copy without the password and try again.")]
    Encrypted,
    /// No column holds phone numbers.
    #[error(
        "No column with phone numbers was found. Give one column the heading \"Phone\", or put names in column A and phone numbers in column B."
    )]
    PhoneColumnMissing,
    /// Unpacks to far more than its size: more than a spreadsheet ever does.
    #[error(
        "This file unpacks to far more than its size, as spreadsheets do not. Save it again as Excel (.xlsx) or CSV."
    )]
    Bomb,
    /// More bytes than the limit.
    #[error("This file is too large: at most {limit} bytes are taken. Split it, or save it as CSV.")]
    FileTooLarge {
        /// What is taken, in bytes.
        limit: u64,
    },
    /// More columns with something in them than the limit.
    #[error("This file has too many columns: at most {limit} are taken. Remove the columns that are not needed.")]
    TooManyColumns {
        /// What is taken.
        limit: usize,
    },
    /// More rows with something in them than the limit.
    #[error("This file has too many rows: at most {limit} are taken. Split it into several files.")]
    TooManyRows {
        /// What is taken.
        limit: u32,
    },
    /// The texts of the workbook (Excel keeps them in one list) are more than fits in memory.
    #[error("The texts in this workbook are too large to be read at once. Save it as CSV and try again.")]
    StringsTooLarge,
    /// Nothing in it, or nothing but a heading.
    #[error("There are no rows in this file.")]
    Empty,
    /// It says that it is a spreadsheet, but it cannot be read to its end.
    #[error("This file is damaged: {0}. Open it, save it again and try once more.")]
    Damaged(String),
    /// The bytes could not be had: the disk or the network, not the file.
    #[error("The file could not be fetched: {0}")]
    Unreadable(String),
}

impl SheetError {
    /// The stable code of this error, as answers and reports show it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotASpreadsheet(_) => "not_a_spreadsheet",
            Self::Encrypted => "file_encrypted",
            Self::PhoneColumnMissing => "phone_column_missing",
            Self::Bomb => "file_bomb",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::StringsTooLarge => "strings_too_large",
            Self::Empty => "file_empty",
            Self::Damaged(_) => "file_damaged",
            Self::Unreadable(_) => "file_unreadable",
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

impl From<SheetError> for domain::Error {
    fn from(error: SheetError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            SheetError::FileTooLarge { .. } | SheetError::TooManyRows { .. } => Self::TooLarge { code, detail },
            SheetError::Unreadable(_) => Self::Unavailable(detail),
            _ => Self::unprocessable(code, detail),
        }
    }
}
