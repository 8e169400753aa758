//! A person at a pseudo-terminal.

use std::io::Read as _;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use expectrl::process::unix::WaitStatus;
use expectrl::{Expect as _, Session};

use super::{PATIENCE, Root, Said, wait_until};

/// A command that runs at a pseudo-terminal.
pub(crate) struct Terminal {
    session: expectrl::session::OsSession,
    chunks: Receiver<Vec<u8>>,
    said: Vec<u8>,
    /// How much of it was waited for already.
    seen: usize,
}

impl Terminal {
    /// Starts `landfall` at a terminal that echoes what is typed, as terminals do.
    pub(crate) fn landfall(root: &Root, arguments: &[&str]) -> Self {
        // expectrl turns the echo off; on again before there is anybody who turns it off for a
        // question.
        let mut command = Command::new("sh");
        command.args(["-c", "stty echo && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_landfall")]);
        command.args(arguments).current_dir(root.path());
        root.clean(&mut command);
        let session = Session::spawn(command).unwrap();
        let mut screen = session.get_process().get_raw_handle().unwrap();
        let (send, chunks) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The terminal of a process that ended answers with an error, not with nothing.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if send.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { session, chunks, said: Vec::new(), seen: 0 }
    }

    /// The process id of the command.
    pub(crate) fn id(&self) -> i32 {
        self.session.get_process().pid().as_raw()
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> &mut Self {
        loop {
            let unseen = &self.said[self.seen..];
            let found = unseen.windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(at) = found {
                self.seen += at + text.len();
                return self;
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.said.extend(chunk),
                Err(why) => panic!("`{text}` never came ({why}):\n{}", self.screen()),
            }
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.session.send_line(line).unwrap();
        self
    }

    /// Types a line once the terminal shows nothing of what is typed.
    #[track_caller]
    pub(crate) fn types_hidden(&mut self, line: &str) -> &mut Self {
        wait_until("a prompt without echo", || !self.session.get_process().get_echo().unwrap());
        self.types(line)
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupts(&mut self) -> &mut Self {
        self.session.send("\x03").unwrap();
        self
    }

    /// Approves the plan as a person does.
    #[track_caller]
    pub(crate) fn approves(&mut self) -> &mut Self {
        self.until("Type yes").types("yes")
    }

    /// Answers each of these questions when it is asked, once, until the end.
    pub(crate) fn answers(mut self, answers: &[(&str, &str)]) -> Said {
        let mut answers = answers.to_vec();
        while let Ok(chunk) = self.chunks.recv_timeout(PATIENCE) {
            self.said.extend(chunk);
            let said = String::from_utf8_lossy(&self.said);
            let Some(at) = answers.iter().position(|(question, _)| said.contains(question)) else {
                continue;
            };
            let (_, answer) = answers.remove(at);
            // Whoever asked may be gone by now; how it ended is what counts.
            let _ = self.session.send_line(answer);
        }
        self.end()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Said {
        loop {
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.said.extend(chunk),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.screen()),
            }
        }
        let exit = match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => Some(code),
            _ => None,
        };
        Said { exit, out: String::new(), err: self.screen() }
    }

    /// Everything that was written, without what moves the cursor.
    fn screen(&self) -> String {
        let text = String::from_utf8_lossy(&self.said).replace("\r\n", "\n");
        let codes = regex::Regex::new("\x1b\\[[0-9;?]*[A-Za-z]").unwrap();
        codes.replace_all(&text, "").into_owned()
    }
}
