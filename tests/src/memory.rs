//! The memory of another process, read as a debugger reads it, and what can be found in it.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;

use crate::Result;

/// Read at once; a text across two of them is found as well.
const PIECE: usize = 1 << 20;

/// The processes below this one that run a program of this name (its first fifteen letters, as the kernel keeps it).
///
/// # Errors
/// When the list of processes cannot be read.
pub fn descendants(of: u32, name: &str) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|text| text.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((start, rest)) = stat.rsplit_once(") ") else { continue };
        let comm = start.split_once('(').map(|(_, comm)| comm.to_owned()).unwrap_or_default();
        let parent = rest.split_whitespace().nth(1).and_then(|text| text.parse::<u32>().ok());
        parents.insert(pid, (parent.unwrap_or_default(), comm));
    }
    let below = |mut pid: u32| {
        while let Some((parent, _)) = parents.get(&pid) {
            if *parent == of {
                return true;
            }
            pid = *parent;
        }
        false
    };
    let called = name.get(..15).unwrap_or(name);
    Ok(parents
        .iter()
        .filter(|(pid, (_, comm))| comm == called && below(**pid))
        .map(|(pid, _)| *pid)
        .collect())
}

/// A process and everything that it has started.
///
/// # Errors
/// When the list of processes cannot be read.
pub fn family(first: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the name in brackets: the state, then the parent.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (process, parent)));
    }
    let mut family = vec![first];
    let mut known = 0;
    while let Some(parent) = family.get(known).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        known += 1;
    }
    Ok(family)
}

/// Its share of the memory: what several processes use is divided among them.
#[must_use]
pub fn proportional_kibibytes(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// How often each of these texts is in what the process could write to, as UTF-8 or as UTF-16.
///
/// # Errors
/// When the process has ended, or may not be read.
pub fn count(pid: u32, texts: &[String]) -> Result<Vec<usize>> {
    let mut needles = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        needles.push((at, text.clone().into_bytes()));
        needles.push((at, text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    }
    // By the first two bytes: a debug build looks at hundreds of megabytes here.
    let mut begins = vec![false; 1 << 16];
    let mut longest = 0;
    for (_, needle) in &needles {
        if let [first, second, ..] = needle.as_slice()
            && let Some(begin) = begins.get_mut(usize::from(*first) << 8 | usize::from(*second))
        {
            *begin = true;
        }
        longest = longest.max(needle.len());
    }
    let memory = fs::File::open(format!("/proc/{pid}/mem"))?;
    let mut found = vec![0; texts.len()];
    let mut buffer = vec![0; PIECE + longest];
    let table = fs::File::open(format!("/proc/{pid}/pagemap"))?;
    let ranges = written(&fs::read_to_string(format!("/proc/{pid}/smaps"))?);
    for (start, end) in ranges.into_iter().flat_map(|range| filled(&table, range)) {
        let mut at = start;
        while at < end {
            let wanted = usize::try_from(end - at)?.min(buffer.len());
            let into = buffer.get_mut(..wanted).ok_or("a piece that is too long")?;
            // What was unmapped meanwhile holds nothing any more.
            let Ok(()) = memory.read_exact_at(into, at) else { break };
            let mut before = 0_u8;
            for (place, byte) in into.iter().enumerate() {
                let begin = usize::from(before) << 8 | usize::from(*byte);
                before = *byte;
                if place == 0 || place > PIECE || !begins.get(begin).copied().unwrap_or(false) {
                    continue;
                }
                for (text, needle) in &needles {
                    if into.get(place - 1..).is_some_and(|rest| rest.starts_with(needle))
                        && let Some(count) = found.get_mut(*text)
                    {
                        *count += 1;
                    }
                }
            }
            at += u64::try_from(PIECE)?;
        }
    }
    Ok(found)
}

/// The ranges that the process may write to and of which something is there.
fn written(smaps: &str) -> Vec<(u64, u64)> {
    let mut ranges = Vec::new();
    let mut range = None;
    for line in smaps.lines() {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if let Some((start, end)) = first.split_once('-') {
            let numbers = (u64::from_str_radix(start, 16), u64::from_str_radix(end, 16));
            range = match numbers {
                (Ok(start), Ok(end)) if second.starts_with("rw") => Some((start, end)),
                _ => None,
            };
        } else if matches!(first, "Rss:" | "Swap:") && second != "0" {
            ranges.extend(range.take());
        }
    }
    ranges
}

/// The smallest page of any system that this runs on; on larger ones each is only looked up several times.
const PAGE: u64 = 4096;

/// The parts of a range that hold something: a web view reserves gigabytes that it never touches.
fn filled(table: &fs::File, (start, end): (u64, u64)) -> Vec<(u64, u64)> {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    let mut entries = vec![0; 1 << 19];
    let mut page = start / PAGE;
    while page < end / PAGE {
        let read = table.read_at(&mut entries, page * 8).unwrap_or_default() / 8;
        if read == 0 {
            break;
        }
        for entry in entries.chunks_exact(8).take(read) {
            // Present, or swapped out: the two highest bits of the entry.
            let is_there = entry.last().is_some_and(|high| high & 0b1100_0000 != 0);
            let at = page * PAGE;
            if is_there && at < end {
                match parts.last_mut() {
                    Some((_, last)) if *last == at => *last += PAGE,
                    _ => parts.push((at, at + PAGE)),
                }
            }
            page += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_in_this_very_process_what_is_there_and_nothing_else() {
        let half = format!("planted {} ", std::process::id());
        let (narrow, wide) = (format!("{half}narrow"), format!("{half}wide"));
        let kept: Vec<u16> = wide.encode_utf16().collect();
        let texts = [narrow, wide];
        let found = count(std::process::id(), &texts).unwrap();
        assert!(found.iter().all(|count| *count > 0), "{found:?}");
        std::hint::black_box((texts, kept));
        assert!(descendants(std::process::id(), "no such program").unwrap().is_empty());
    }
}
