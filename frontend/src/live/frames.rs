//! Server-sent events out of the bytes of a stream, however these are cut.

/// One message of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Its kind; none: an event of a mission.
    pub name: Option<String>,
    /// Where to go on after it.
    pub id: Option<i64>,
    /// What it says.
    pub data: String,
}

/// What came over the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A message.
    Frame(Frame),
    /// A sign of life.
    Beat,
}

/// Collects bytes until a message is whole.
#[derive(Debug, Default)]
pub struct Frames {
    buffer: Vec<u8>,
}

impl Frames {
    /// Takes bytes; what has become whole by them.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Heard> {
        // A line may end in CR LF; no message holds a bare CR, since JSON escapes it.
        self.buffer.extend(bytes.iter().filter(|byte| **byte != b'\r'));
        let mut heard = Vec::new();
        while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
            heard.push(block_of(&String::from_utf8_lossy(&block)));
        }
        heard
    }
}

fn block_of(block: &str) -> Heard {
    let mut frame = Frame::default();
    let mut lines = Vec::new();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => frame.name = Some(value.to_owned()),
            "id" => frame.id = value.parse().ok(),
            "data" => lines.push(value),
            _ => {}
        }
    }
    if lines.is_empty() {
        return Heard::Beat;
    }
    frame.data = lines.join("\n");
    Heard::Frame(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 2000\n\nid: 12\ndata: {\"ä\":1}\n\n: here\n\nevent: presence\ndata: {}\n\n";

    fn expected() -> Vec<Heard> {
        vec![
            Heard::Beat,
            Heard::Frame(Frame { name: None, id: Some(12), data: "{\"ä\":1}".to_owned() }),
            Heard::Beat,
            Heard::Frame(Frame { name: Some("presence".to_owned()), id: None, data: "{}".to_owned() }),
        ]
    }

    #[test]
    fn messages_come_out_whole_wherever_the_bytes_are_cut() {
        for size in 1..STREAM.len() {
            let mut frames = Frames::default();
            let heard: Vec<Heard> = STREAM.as_bytes().chunks(size).flat_map(|part| frames.push(part)).collect();
            assert_eq!(heard, expected(), "in parts of {size}");
        }
    }

    #[test]
    fn lines_may_end_as_on_windows() {
        let mut frames = Frames::default();
        assert_eq!(frames.push(STREAM.replace('\n', "\r\n").as_bytes()), expected());
    }

    #[test]
    fn what_was_cut_off_stays_for_later() {
        let mut frames = Frames::default();
        assert_eq!(frames.push(b"data: {}\n"), []);
        assert_eq!(frames.push(b"\n").len(), 1);
    }
}
