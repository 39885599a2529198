//! Frames on their way to and from a file. Knows lengths and marks, nothing of what is inside.

use std::io::{self, Read, Write};

use peshi_vault::{FRAME_OVERHEAD, FrameOpener, FrameSealer};

use super::BackupError;

/// Clear bytes of a full frame: small enough to name damage closely, large enough to cost nothing.
const FRAME: usize = 256 * 1024;

/// Cuts what is written into sealed frames.
pub(super) struct FrameWriter<W: Write> {
    out: W,
    sealer: FrameSealer,
    clear: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    pub(super) fn new(out: W, sealer: FrameSealer) -> Self {
        Self {
            out,
            sealer,
            clear: Vec::with_capacity(FRAME),
        }
    }

    /// Writes the last frame.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.frame(true)?;
        self.out.flush()
    }

    fn frame(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.sealer.seal(&self.clear, last);
        self.clear.clear();
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&[u8::from(last)])?;
        self.out.write_all(&sealed)
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full frame is written only when more follows, so that the last one is never empty without need.
        if self.clear.len() == FRAME {
            self.frame(false)?;
        }
        let taken = bytes.len().min(FRAME - self.clear.len());
        self.clear.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// A frame is as long as it is; only `finish` writes a short one.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens frames and gives their bytes.
pub(super) struct FrameReader<R: Read> {
    input: R,
    opener: FrameOpener,
    clear: Vec<u8>,
    given: usize,
    /// Whole frames read.
    read: u64,
    ended: bool,
}

/// What is wrong with the frames; travels inside an `io::Error`.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum Fault {
    #[error("a frame does not open")]
    Damaged,
    #[error("the file ends too early")]
    CutOff,
    #[error("the file goes on after its end")]
    Appended,
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(input: R, opener: FrameOpener) -> Self {
        Self {
            input,
            opener,
            clear: Vec::new(),
            given: 0,
            read: 0,
            ended: false,
        }
    }

    /// Reads to the end of the file, which must be the end of the last frame.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        while !self.ended {
            self.frame()?;
        }
        match self.input.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(Fault::Appended.into()),
        }
    }

    fn frame(&mut self) -> io::Result<()> {
        let mut head = [0; 5];
        self.whole(&mut head)?;
        let [a, b, c, d, last] = head;
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| Fault::Damaged)?;
        if length > FRAME + FRAME_OVERHEAD || last > 1 {
            return Err(Fault::Damaged.into());
        }
        let mut sealed = vec![0; length];
        self.whole(&mut sealed)?;
        self.ended = last == 1;
        self.clear = self.opener.open(&sealed, self.ended).ok_or(Fault::Damaged)?;
        self.given = 0;
        self.read += 1;
        Ok(())
    }

    fn whole(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                Fault::CutOff.into()
            } else {
                error
            }
        })
    }
}

impl<R: Read> Read for FrameReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.clear.len() && !self.ended {
            self.frame()?;
        }
        let taken = out.len().min(self.clear.len() - self.given);
        out[..taken].copy_from_slice(&self.clear[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

/// An error met while reading, in the words of the backup.
pub(super) fn fault<R: Read>(
    error: io::Error,
    reader: &FrameReader<R>,
    table: Option<String>,
) -> BackupError {
    let fault = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Fault>())
        .copied();
    match fault {
        Some(Fault::Damaged) => BackupError::Damaged {
            frame: reader.read + 1,
            table,
        },
        Some(Fault::CutOff) => BackupError::CutOff {
            frame: reader.read,
            table,
        },
        Some(Fault::Appended) => BackupError::Appended { frame: reader.read },
        None => BackupError::Io {
            doing: "read",
            source: error,
        },
    }
}
