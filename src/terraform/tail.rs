//! Following a file that terraform writes, line by line.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::events::Event;
use crate::failure::{Failure, Result};

/// Longest line that is read: terraform can put a whole state into one diagnostic. What is
/// longer degrades to "line too long" and never fails an apply.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// A file that another process appends to, and how far we have read it.
pub(super) struct Tail {
    file: File,
    lines: Lines,
}

impl Tail {
    /// From the start: to replay and then follow what is still running.
    pub(super) fn from_start(path: &Path) -> Result<Self> {
        Self::at(path, SeekFrom::Start(0))
    }

    /// From the present end: what earlier commands left in the file is kept, and not read again.
    pub(super) fn from_end(path: &Path) -> Result<Self> {
        Self::at(path, SeekFrom::End(0))
    }

    #[expect(clippy::disallowed_methods, reason = "reads while it grows; crate::fs reads whole")]
    fn at(path: &Path, start: SeekFrom) -> Result<Self> {
        let opened = File::open(path).and_then(|mut file| file.seek(start).map(|_| file));
        let file = opened.map_err(|error| {
            Failure::failed(format!("cannot follow {}", path.display())).caused_by(error)
        })?;
        Ok(Self { file, lines: Lines::new(LONGEST_LINE) })
    }

    /// Gives every line that was finished since the last call; `true` if anything was written.
    pub(super) fn read(&mut self, on: &mut dyn FnMut(Event)) -> std::io::Result<bool> {
        let mut chunk = vec![0; CHUNK];
        let mut grown = false;
        loop {
            match self.file.read(&mut chunk) {
                Ok(0) => return Ok(grown),
                Ok(count) => {
                    grown = true;
                    self.lines.push(&chunk[..count], on);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The rest after the writer is gone, a last line without its end included.
    pub(super) fn drain(&mut self, on: &mut dyn FnMut(Event)) -> std::io::Result<()> {
        self.read(on)?;
        self.lines.push(b"\n", on);
        Ok(())
    }
}

/// Cuts a stream of bytes into lines, holding at most one line of the given length.
struct Lines {
    line: Vec<u8>,
    /// Bytes of the present line that were thrown away because it is too long.
    thrown: u64,
    cap: usize,
}

impl Lines {
    fn new(cap: usize) -> Self {
        Self { line: Vec::new(), thrown: 0, cap }
    }

    fn push(&mut self, bytes: &[u8], on: &mut dyn FnMut(Event)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            if self.thrown > 0 || self.line.len() + text.len() > self.cap {
                self.thrown += (std::mem::take(&mut self.line).len() + text.len()) as u64;
            } else {
                self.line.extend_from_slice(text);
            }
            if ends {
                self.finish(on);
            }
        }
    }

    fn finish(&mut self, on: &mut dyn FnMut(Event)) {
        if self.thrown > 0 {
            on(Event::TooLong { bytes: std::mem::take(&mut self.thrown) });
        } else if !self.line.is_empty() {
            on(Event::read(&self.line));
            self.line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::io::Write as _;

    use super::*;

    fn messages(events: &[Event]) -> Vec<String> {
        let show = |event: &Event| match event {
            Event::Message { message, .. } => message.clone(),
            other => format!("{other:?}"),
        };
        events.iter().map(show).collect()
    }

    #[test]
    fn lines_arrive_whole_however_they_are_cut() {
        for size in 1..12 {
            let mut lines = Lines::new(100);
            let mut events = Vec::new();
            for piece in b"one\n\ntwo three\nfour".chunks(size) {
                lines.push(piece, &mut |event| events.push(event));
            }
            assert_eq!(messages(&events), ["one", "two three"]);
        }
    }

    #[test]
    fn a_line_above_the_cap_is_named_and_the_next_one_is_read() {
        let mut lines = Lines::new(4);
        let mut events = Vec::new();
        for piece in [&b"123"[..], b"45", b"6\nabcd\n12345\nx\n"] {
            lines.push(piece, &mut |event| events.push(event));
        }
        assert_eq!(
            messages(&events),
            ["TooLong { bytes: 6 }", "abcd", "TooLong { bytes: 5 }", "x"]
        );
    }

    #[test]
    fn following_starts_where_asked_and_drains_an_unfinished_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"old\n").unwrap();
        let mut new_only = Tail::from_end(file.path()).unwrap();
        let mut all = Tail::from_start(file.path()).unwrap();
        file.write_all(b"new\nunfini").unwrap();
        let mut events = Vec::new();
        assert!(new_only.read(&mut |event| events.push(event)).unwrap());
        assert_eq!(messages(&events), ["new"]);
        assert!(!new_only.read(&mut |event| events.push(event)).unwrap());
        file.write_all(b"shed").unwrap();
        new_only.drain(&mut |event| events.push(event)).unwrap();
        assert_eq!(messages(&events), ["new", "unfinished"]);
        events.clear();
        all.drain(&mut |event| events.push(event)).unwrap();
        assert_eq!(messages(&events), ["old", "new", "unfinished"]);
    }
}
