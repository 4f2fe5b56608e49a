//! Where the readers put their rows: checks the bounds that all formats share and hands batches to the other thread.

use std::sync::mpsc::SyncSender;

use crate::{Cell, Limits, RawRow, SheetError};

/// What goes from the reading thread to the iterator.
pub(crate) type Batch = Result<Vec<RawRow>, SheetError>;

/// Rows handed over at once: few enough to stay small, many enough that the hand-over costs nothing.
const BATCH: usize = 256;
/// Bytes of text at which a batch is full even with fewer rows.
const BATCH_BYTES: usize = 256 << 10;

/// Why a reader stops before the end of the file.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nobody wants the rows any more.
    Gone,
    /// The file is refused.
    Failed(SheetError),
}

impl From<SheetError> for Stop {
    fn from(error: SheetError) -> Self {
        Self::Failed(error)
    }
}

/// The way from a reader to the iterator.
pub(crate) struct Rows {
    sender: SyncSender<Batch>,
    batch: Vec<RawRow>,
    bytes: usize,
    count: u32,
    last: Option<u32>,
    limits: Limits,
}

impl Rows {
    pub(crate) fn new(sender: SyncSender<Batch>, limits: Limits) -> Self {
        Self { sender, batch: Vec::with_capacity(BATCH), bytes: 0, count: 0, last: None, limits }
    }

    /// Hands over one row; one without anything in it is left out.
    pub(crate) fn push(&mut self, number: u32, mut cells: Vec<Cell>) -> Result<(), Stop> {
        while cells.last().is_some_and(Cell::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        self.check_column(cells.len() - 1)?;
        // Row numbers are keys further on: a file that repeats one would lose rows silently.
        if self.last.is_some_and(|last| number <= last) {
            return Err(SheetError::damaged("its rows are out of order").into());
        }
        self.last = Some(number);
        self.count += 1;
        if self.count > self.limits.rows {
            return Err(SheetError::TooManyRows { limit: self.limits.rows.saturating_sub(1) }.into());
        }
        self.bytes += cells.iter().map(|cell| cell.text.len()).sum::<usize>();
        self.batch.push(RawRow { number, cells });
        if self.batch.len() == BATCH || self.bytes > BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// Fails if a value in this column (from 0) is beyond the limit.
    pub(crate) fn check_column(&self, column: usize) -> Result<(), Stop> {
        let limit = self.limits.columns;
        if column < limit { Ok(()) } else { Err(SheetError::TooManyColumns { limit }.into()) }
    }

    /// How much memory the list of texts of a workbook may take.
    pub(crate) fn strings_bytes(&self) -> u64 {
        self.limits.strings_bytes
    }

    /// Whether any row was handed over.
    pub(crate) fn any(&self) -> bool {
        self.count > 0
    }

    /// Hands over what is left.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.sender.send(Ok(batch)).map_err(|_| Stop::Gone)
    }

    /// Hands over the rows before the error, then the error.
    pub(crate) fn fail(&mut self, error: SheetError) {
        if self.flush().is_ok() {
            // Nobody there to read it: nothing to do.
            let _ = self.sender.send(Err(error));
        }
    }
}

/// Collects the cells of one row.
#[derive(Default)]
pub(crate) struct Line {
    row: u32,
    cells: Vec<Cell>,
}

impl Line {
    /// Puts a cell at its row and column, from 0; hands over the row before, if this is another.
    pub(crate) fn put(&mut self, rows: &mut Rows, (row, column): (u32, u32), cell: Cell) -> Result<(), Stop> {
        if row != self.row {
            self.finish(rows)?;
            self.row = row;
        }
        // Styled but empty cells reach to the last column of some files; they count for nothing.
        if cell.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        rows.check_column(column)?;
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, Cell::default);
        }
        self.cells[column] = cell;
        Ok(())
    }

    /// Hands over the row.
    pub(crate) fn finish(&mut self, rows: &mut Rows) -> Result<(), Stop> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let width = self.cells.len();
        let cells = std::mem::replace(&mut self.cells, Vec::with_capacity(width));
        rows.push(self.row + 1, cells)
    }
}
