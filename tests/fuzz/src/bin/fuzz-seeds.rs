//! Writes the honest examples of every decoder into a folder, a file each, and the words that decoders stumble over as
//! libFuzzer's dictionary; and tells the names of the decoders, one on a line.

use std::fmt::Write as _;
use std::path::PathBuf;

use onetill_fuzz::{TARGETS, mutate::WORDS};

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(std::io::Error::other("into which folder?"));
    };
    for target in TARGETS {
        let of_target = folder.join(target.name);
        std::fs::create_dir_all(&of_target)?;
        for (number, example) in (target.seeds)().iter().enumerate() {
            std::fs::write(of_target.join(number.to_string()), example)?;
        }
        println!("{}", target.name);
    }
    let mut dictionary = String::new();
    for word in WORDS {
        dictionary.push('"');
        for byte in word.bytes() {
            let _infallible = write!(dictionary, "\\x{byte:02X}");
        }
        dictionary.push_str("\"\n");
    }
    std::fs::write(folder.join("words.dict"), dictionary)
}
