//! YAML as a tree that knows its lines. Bounded in depth, nodes and text, what aliases repeat counted each time.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::limits::{YAML_BYTES, YAML_DEPTH, YAML_NODES};

/// Why a file is no YAML that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// Where, from 1.
    pub line: u64,
    /// One sentence.
    pub detail: String,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `null`, `~`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Fields in their order; a name stands once.
    Map(Vec<(String, Node)>),
}

/// A value and its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From 1.
    pub line: u64,
    /// What it holds.
    pub value: Value,
}

impl Node {
    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(n, _)| n == name).map(|(_, node)| node)
    }

    /// The fields, none where it is no map.
    pub fn fields(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(fields) => fields,
            _ => &[],
        }
    }

    /// The entries, none where it is no list.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A text, or a number or truth value as it is written.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Is there nothing?
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The text of the field of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::text)
    }

    /// What kind of value it is, for people.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// Nodes in it, itself counted, and bytes of its texts.
    fn size(&self) -> (usize, usize) {
        let add = |(n, b): (usize, usize), (m, c): (usize, usize)| (n + m, b + c);
        match &self.value {
            Value::Null | Value::Bool(_) => (1, 0),
            Value::Number(text) | Value::Text(text) => (1, text.len()),
            Value::List(items) => items.iter().map(Self::size).fold((1, 0), add),
            Value::Map(fields) => fields.iter().map(|(name, node)| add(node.size(), (0, name.len()))).fold((1, 0), add),
        }
    }

    /// Levels in it, itself counted.
    fn depth(&self) -> usize {
        let deepest = match &self.value {
            Value::List(items) => items.iter().map(Self::depth).max(),
            Value::Map(fields) => fields.iter().map(|(_, node)| node.depth()).max(),
            _ => None,
        };
        1 + deepest.unwrap_or_default()
    }
}

enum Frame {
    List { line: u64, anchor: usize, items: Vec<Node> },
    Map { line: u64, anchor: usize, fields: Vec<(String, Node)>, key: Option<String> },
}

#[derive(Default)]
struct Builder {
    stack: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    documents: Vec<Node>,
    nodes: usize,
    bytes: usize,
}

/// The documents of a file.
pub fn documents(text: &str) -> Result<Vec<Node>, YamlError> {
    let mut builder = Builder::default();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| YamlError {
            line: to_line(e.marker().line()),
            detail: format!("The file is no valid YAML: {}.", e.info().trim_end_matches('.')),
        })?;
        builder.take(event, to_line(span.start.line()))?;
    }
    Ok(builder.documents)
}

fn to_line(line: usize) -> u64 {
    u64::try_from(line).unwrap_or(u64::MAX).max(1)
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u64) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                self.count(line, 1, text.len())?;
                self.done(Node { line, value }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.open(line, Frame::List { line, anchor, items: Vec::new() }),
            Event::MappingStart(anchor, _) => self.open(line, Frame::Map { line, anchor, fields: Vec::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Frame::List { line, anchor, items }) => self.done(Node { line, value: Value::List(items) }, anchor),
                Some(Frame::Map { line, anchor, fields, .. }) => self.done(Node { line, value: Value::Map(fields) }, anchor),
                None => Err(YamlError { line, detail: "The file is no valid YAML.".into() }),
            },
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(YamlError { line, detail: "An alias names what has no end yet.".into() });
                };
                let (nodes, bytes) = node.size();
                self.count(line, nodes, bytes)?;
                if self.stack.len() + node.depth() > YAML_DEPTH {
                    return Err(too_deep(line));
                }
                self.done(Node { line, ..node }, 0)
            }
            // what aliases of one document name is unknown to the next
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, line: u64, nodes: usize, bytes: usize) -> Result<(), YamlError> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > YAML_NODES || self.bytes > YAML_BYTES {
            return Err(YamlError { line, detail: format!("The file holds too much: at most {YAML_NODES} values, aliases counted.") });
        }
        Ok(())
    }

    fn open(&mut self, line: u64, frame: Frame) -> Result<(), YamlError> {
        self.count(line, 1, 0)?;
        self.stack.push(frame);
        if self.stack.len() > YAML_DEPTH { Err(too_deep(line)) } else { Ok(()) }
    }

    /// A node is whole: it goes where it belongs.
    fn done(&mut self, node: Node, anchor: usize) -> Result<(), YamlError> {
        if anchor > 0 {
            let (nodes, bytes) = node.size();
            self.count(node.line, nodes, bytes)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { fields, key, .. }) => {
                if let Some(name) = key.take() {
                    fields.push((name, node));
                } else {
                    let name = match (&node.value, node.text()) {
                        (_, Some(text)) => text.to_owned(),
                        (Value::Null, _) => String::new(),
                        _ => return Err(YamlError { line: node.line, detail: "The name of a field must be a text.".into() }),
                    };
                    if fields.iter().any(|(n, _)| *n == name) {
                        return Err(YamlError { line: node.line, detail: format!("The field {name:?} stands there twice.") });
                    }
                    *key = Some(name);
                }
            }
        }
        Ok(())
    }
}

fn too_deep(line: u64) -> YamlError {
    YamlError { line, detail: format!("At most {YAML_DEPTH} levels.") }
}

/// The core schema of YAML 1.2.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|t| t.is_yaml_core_schema() && t.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first_is_digit = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    first_is_digit && unsigned.chars().any(|c| c.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        documents(text).unwrap().remove(0)
    }

    #[test]
    fn values_keep_their_kind_and_their_line() {
        let node = one("a: 1\nb: [x, 'y', ~, true, \"1\", 8.A.2, 1.5]\nc:\n  d: |\n    line 1\n    line 2\n");
        assert_eq!(node.get("a").unwrap().value, Value::Number("1".into()));
        let kinds: Vec<&str> = node.get("b").unwrap().items().iter().map(Node::kind).collect();
        assert_eq!(kinds, ["a text", "a text", "nothing", "true or false", "a text", "a text", "a number"]);
        let d = node.get("c").unwrap().get("d").unwrap();
        // a block of text begins below its name
        assert_eq!((d.line, d.text()), (5, Some("line 1\nline 2\n")));
    }

    #[test]
    fn a_field_twice_is_refused_with_its_line() {
        let error = documents("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(error.line, 3);
        assert!(error.detail.contains("\"a\""), "{}", error.detail);
    }

    #[test]
    fn an_alias_repeats_and_a_bomb_is_refused() {
        let node = one("a: &x {k: v}\nb: *x\n");
        assert_eq!(node.get("b").unwrap().text_of("k"), Some("v"));
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..12 {
            let last = i - 1;
            let next = format!("a{i}: &a{i} [{}]\n", vec![format!("*a{last}"); 10].join(","));
            bomb.push_str(&next);
        }
        assert!(documents(&bomb).is_err());
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 100].join(","));
        assert!(documents(&long).unwrap_err().detail.contains("too much"));
    }

    #[test]
    fn depth_is_bounded() {
        assert!(documents(&format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
        assert!(documents(&format!("{}{}", "[".repeat(65), "]".repeat(65))).unwrap_err().detail.contains("levels"));
        assert!(documents(&"[".repeat(200_000)).is_err());
        let nested = (1..80).fold("a0: &a0 [x]\n".to_owned(), |all, i| format!("{all}a{i}: &a{i} [*a{}]\n", i - 1));
        assert!(documents(&nested).unwrap_err().detail.contains("levels"));
    }
}
