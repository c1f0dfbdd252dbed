//! Writes `tests/vectors/generated.jsonl` anew.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("generated.jsonl");
    std::fs::write(&path, onetill_vectors::generated()?)?;
    println!("{}", path.display());
    Ok(())
}
