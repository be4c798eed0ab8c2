//! Mutations that keep lengths consistent, so that they get past the first check. Occasionally lengths are broken
//! as well.

use libfuzzer_sys::fuzzer_mutate;

use crate::tree::{self, Content, Node};

/// Values that are often boundaries.
const VALUES: [&[u8]; 14] = [
    b"",
    b"\x00",
    b"\x00\x80",
    b"\xFF",
    b"\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"00000101000000Z",
    b"99991231235959Z",
    b"491231235959Z",
    b"500101000000Z",
    b"\x1B[31m\r\n",
    "\u{202E}商店".as_bytes(),
    b"\x2B\x06\x01\x05\x05\x07\x30\x01\x02",
    b"\x55\x1D\x1C",
    &[0xAA; 300],
];

/// Tags that occur in certificates and on cards.
const TAGS: [&[u8]; 30] = [
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x05",
    b"\x06",
    b"\x0A",
    b"\x0C",
    b"\x13",
    b"\x14",
    b"\x16",
    b"\x17",
    b"\x18",
    b"\x1C",
    b"\x1E",
    b"\x30",
    b"\x31",
    b"\x53",
    b"\x61",
    b"\x64",
    b"\x65",
    b"\x70",
    b"\x71",
    b"\x7E",
    b"\x80",
    b"\x82",
    b"\x86",
    b"\xA0",
    b"\xA1",
    b"\x5F\x2F",
];

/// Status words.
const STATUSES: [u16; 16] = [
    0x9000, 0x6100, 0x6110, 0x6C00, 0x6C10, 0x6700, 0x6E00, 0x6881, 0x6A82, 0x6A88, 0x6982, 0x6983, 0x63C0,
    0x63C1, 0x63C3, 0x6F00,
];

/// Numbers from a seed (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed))
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % limit.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Mutates `data[..size]` by a function on its bytes, or as libFuzzer does; returns the new size.
pub fn structured(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    mutate: impl FnOnce(&[u8], &mut Chance) -> Option<Vec<u8>>,
) -> usize {
    let mut chance = Chance::new(seed);
    if chance.below(5) > 0
        && let Some(changed) = mutate(&data[..size], &mut chance)
        && !changed.is_empty()
        && changed.len() <= max_size.min(data.len())
    {
        data[..changed.len()].copy_from_slice(&changed);
        return changed.len();
    }
    fuzzer_mutate(data, size, max_size)
}

/// Mutates values in BER or DER.
pub fn der(bytes: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut nodes = tree::read(bytes)?;
    for _ in 0..=chance.below(3) {
        mutate_nodes(&mut nodes, chance);
    }
    Some(tree::write(&nodes))
}

/// Mutates an input of [`crate::Replies`].
pub fn replies(bytes: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
    let (&first, rest) = bytes.split_first()?;
    let (atr, mut rest) = rest.split_at_checked(usize::from(first & 0x1F))?;
    let mut replies: Vec<Vec<u8>> = Vec::new();
    while let Some((length, after)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(after.len());
        let (reply, after) = after.split_at(length);
        replies.push(reply.to_vec());
        rest = after;
    }
    let at = chance.below(replies.len());
    let other = chance.of(&replies).cloned();
    let status = chance.of(&STATUSES).copied().unwrap_or_default().to_be_bytes();
    match chance.below(12) {
        0 if !replies.is_empty() => drop(replies.remove(at)),
        1 => replies.insert(at, status.to_vec()),
        2 => replies.insert(at, other?),
        3 => *replies.get_mut(at)? = other?,
        4 | 5 => {
            let reply = replies.get_mut(at)?;
            reply.truncate(reply.len().saturating_sub(2));
            reply.extend(status);
        }
        // Split in two: the rest has to be fetched.
        6 => {
            let reply = replies.get_mut(at)?;
            let rest = reply.split_off(chance.below(reply.len()));
            reply.extend([0x61, rest.len().saturating_sub(2).min(255) as u8]);
            replies.insert(at + 1, rest);
        }
        _ => {
            let reply = replies.get_mut(at)?;
            let end = reply.len().checked_sub(2)?;
            let status = reply.split_off(end);
            *reply = der(reply, chance).unwrap_or_else(|| bytes_of(reply));
            reply.extend(status);
        }
    }
    let mut out = vec![first];
    out.extend_from_slice(atr);
    for reply in replies {
        out.extend_from_slice(&u16::try_from(reply.len()).ok()?.to_be_bytes());
        out.extend(reply);
    }
    Some(out)
}

/// These bytes as libFuzzer mutates them.
pub fn bytes_of(bytes: &[u8]) -> Vec<u8> {
    let room = bytes.len() + 64;
    let mut changed = bytes.to_vec();
    changed.resize(room, 0);
    let size = fuzzer_mutate(&mut changed, bytes.len(), room);
    changed.truncate(size);
    changed
}

fn count(nodes: &[Node]) -> usize {
    let inside = |node: &Node| match &node.content {
        Content::Nodes(_, nodes) => count(nodes),
        Content::Bytes(_) => 0,
    };
    nodes.iter().map(|node| 1 + inside(node)).sum()
}

fn find(nodes: &[Node], index: &mut usize) -> Option<Node> {
    for node in nodes {
        if *index == 0 {
            return Some(node.clone());
        }
        *index -= 1;
        if let Content::Nodes(_, nodes) = &node.content
            && let Some(found) = find(nodes, index)
        {
            return Some(found);
        }
    }
    None
}

fn mutate_nodes(nodes: &mut Vec<Node>, chance: &mut Chance) {
    let all = count(nodes);
    let other = find(nodes, &mut chance.below(all));
    at(nodes, &mut chance.below(all), &mut |siblings, index| change(siblings, index, other.as_ref(), chance));
}

/// Applies a function at the value with that number.
fn at(nodes: &mut Vec<Node>, number: &mut usize, action: &mut dyn FnMut(&mut Vec<Node>, usize)) -> bool {
    for index in 0..nodes.len() {
        if *number == 0 {
            action(nodes, index);
            return true;
        }
        *number -= 1;
        if let Some(inside) = nodes[index].inside()
            && at(inside, number, action)
        {
            return true;
        }
    }
    false
}

fn change(siblings: &mut Vec<Node>, index: usize, other: Option<&Node>, chance: &mut Chance) {
    let value = chance.of(&VALUES).copied().unwrap_or_default();
    match (chance.below(16), other) {
        (0, _) => drop(siblings.remove(index)),
        (1, _) => siblings.insert(index, siblings[index].clone()),
        (2, Some(other)) => siblings.insert(index, other.clone()),
        (3, Some(other)) => siblings[index] = other.clone(),
        (4, Some(other)) => siblings[index].tag.clone_from(&other.tag),
        (5 | 6, _) => siblings[index].tag = chance.of(&TAGS).copied().unwrap_or_default().to_vec(),
        (7, _) => siblings[index].content = Content::Bytes(value.to_vec()),
        (8, _) => {
            let to = chance.below(siblings.len());
            siblings.swap(index, to);
        }
        (9, _) => {
            let node = siblings[index].clone();
            siblings[index].content = Content::Nodes(Vec::new(), vec![node]);
        }
        // Deep nesting, or many of a kind.
        (10, _) if chance.below(8) == 0 => {
            let node = siblings[index].clone();
            siblings.extend(vec![node; chance.below(150)]);
        }
        _ => {
            let node = &mut siblings[index];
            match &mut node.content {
                Content::Bytes(bytes) => *bytes = bytes_of(bytes),
                Content::Nodes(..) => {
                    let tag = node.tag.len();
                    let bit = 1 << chance.below(8);
                    node.tag[tag - 1] ^= bit;
                }
            }
        }
    }
}
