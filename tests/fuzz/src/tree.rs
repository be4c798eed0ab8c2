//! Tag, length, value as a tree that can be changed: re-encoded, all lengths are consistent.

/// How much of an input is parsed; larger ones are left to the mutations that know no structure.
const MAX_NODES: usize = 2_000;
const MAX_DEPTH: usize = 24;

/// A value. Those that contain values in their bytes (extensions, PIV objects) count as constructed too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// One to four bytes.
    pub tag: Vec<u8>,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Bytes(Vec<u8>),
    /// After as many bytes as a BIT STRING has before its value.
    Nodes(Vec<u8>, Vec<Node>),
}

impl Node {
    pub fn bytes(tag: u8, bytes: &[u8]) -> Self {
        Self { tag: vec![tag], content: Content::Bytes(bytes.to_vec()) }
    }

    /// The values in it.
    pub fn inside(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.content {
            Content::Nodes(_, nodes) => Some(nodes),
            Content::Bytes(_) => None,
        }
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        match &self.content {
            Content::Bytes(bytes) => content.extend_from_slice(bytes),
            Content::Nodes(before, nodes) => {
                content.extend_from_slice(before);
                nodes.iter().for_each(|node| node.write(&mut content));
            }
        }
        out.extend_from_slice(&self.tag);
        let length = content.len().to_be_bytes();
        let significant = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
        match significant {
            [] => out.push(0),
            [short @ ..=0x7F] => out.push(*short),
            long => {
                out.push(0x80 | long.len() as u8);
                out.extend_from_slice(long);
            }
        }
        out.extend(content);
    }
}

/// The consecutive values in these bytes; `None`: there is something else as well.
pub fn read(bytes: &[u8]) -> Option<Vec<Node>> {
    read_nodes(bytes, 0, &mut 0)
}

pub fn write(nodes: &[Node]) -> Vec<u8> {
    let mut out = Vec::new();
    nodes.iter().for_each(|node| node.write(&mut out));
    out
}

fn read_nodes(mut bytes: &[u8], depth: usize, count: &mut usize) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    while !bytes.is_empty() {
        *count += 1;
        if *count > MAX_NODES || depth > MAX_DEPTH {
            return None;
        }
        let (tag, content, rest) = split(bytes)?;
        let (before, inner) = match (tag, content) {
            ([0x03], [0, inner @ ..]) => (&[0][..], inner),
            _ => (&[][..], content),
        };
        let before_it = *count;
        let inside = if inner.len() < 2 { None } else { read_nodes(inner, depth + 1, count) };
        let content = match inside {
            Some(nodes) => Content::Nodes(before.to_vec(), nodes),
            None => {
                *count = before_it;
                Content::Bytes(content.to_vec())
            }
        };
        nodes.push(Node { tag: tag.to_vec(), content });
        bytes = rest;
    }
    Some(nodes)
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut end = 1;
    if bytes.first()? & 0x1F == 0x1F {
        while bytes.get(end)? & 0x80 != 0 && end < 3 {
            end += 1;
        }
        end += 1;
    }
    let (tag, rest) = bytes.split_at_checked(end)?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        ..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for bytes in [
            &b"\x30\x03\x02\x01\x07"[..],
            b"",
            b"\x5F\x2F\x02\x40\x00",
            b"\x03\x04\x00\x30\x01\x61",
            b"\x04\x01\xFF",
        ] {
            assert_eq!(write(&read(bytes).unwrap()), bytes);
        }
        assert_eq!(read(b"\x30\x03\x02"), None);
    }
}
