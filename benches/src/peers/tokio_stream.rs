//! tokio's stream socket, with a frame around each message and postcard in it.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::raw::{self, SMALL};

pub(super) const ECHO: &str = "tokio-echo";
pub(super) const STREAM: &str = "tokio-stream";

#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    id: u32,
    bytes: Bytes,
}

impl Letter {
    fn new(bytes: &[u8]) -> Self {
        let bytes = Bytes::copy_from_slice(bytes);
        Self { id: 1, bytes }
    }
}

/// One end, with a runtime of one thread.
struct End {
    frames: Framed<UnixStream, LengthDelimitedCodec>,
    // Last: the stream unregisters with it.
    runtime: Runtime,
}

impl End {
    fn new(socket: OwnedFd) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let stream = StdStream::from(socket);
        stream.set_nonblocking(true)?;
        let stream = {
            let _entered = runtime.enter();
            UnixStream::from_std(stream)?
        };
        let frames = Framed::new(stream, LengthDelimitedCodec::new());
        Ok(Self { frames, runtime })
    }

    fn start(role: &str) -> Result<(Self, crate::harness::Peer)> {
        let (ours, theirs) = StdStream::pair()?;
        let peer = raw::start(role, 0, theirs.into())?;
        Ok((Self::new(ours.into())?, peer))
    }

    fn call(&mut self, bytes: &[u8]) -> Result<()> {
        let frames = &mut self.frames;
        self.runtime.block_on(async {
            frames.send(packed(bytes)?).await?;
            raw::whole(next(frames).await?.bytes.len(), SMALL)
        })
    }
}

fn packed(bytes: &[u8]) -> Result<Bytes> {
    Ok(postcard::to_stdvec(&Letter::new(bytes))?.into())
}

async fn next(frames: &mut Framed<UnixStream, LengthDelimitedCodec>) -> Result<Letter> {
    let frame = frames.next().await.ok_or(raw::Gone)??;
    Ok(postcard::from_bytes(&frame)?)
}

pub(super) fn echo(counts: &Counts) -> Result<Contender> {
    let (mut end, peer) = End::start(ECHO)?;
    let name = "tokio UnixStream, frames, postcard";
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || end.call(&[0; SMALL]),
    ))
}

pub(super) fn serve_echo() -> Result<()> {
    let End {
        mut frames,
        runtime,
    } = End::new(raw::inherited())?;
    runtime.block_on(async {
        loop {
            let letter = next(&mut frames).await?;
            frames.send(packed(&letter.bytes)?).await?;
        }
    })
}

pub(super) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let (mut end, peer) = End::start(STREAM)?;
    let messages = counts.messages_of(size);
    let bytes = vec![0; size];
    let mut last = vec![0; size];
    raw::mark(&mut last);
    let name = "tokio UnixStream, frames, postcard";
    Ok(Contender::streaming(name, [peer], messages, move || {
        let frames = &mut end.frames;
        end.runtime.block_on(async {
            for _ in 1..messages {
                frames.feed(packed(&bytes)?).await?;
            }
            frames.send(packed(&last)?).await?;
            raw::whole(next(frames).await?.bytes.len(), SMALL)
        })
    }))
}

pub(super) fn serve_stream() -> Result<()> {
    let End {
        mut frames,
        runtime,
    } = End::new(raw::inherited())?;
    runtime.block_on(async {
        loop {
            if raw::is_marked(&next(&mut frames).await?.bytes) {
                frames.send(packed(&[0; SMALL])?).await?;
            }
        }
    })
}
