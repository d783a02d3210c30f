//! `maillage journal verify`: walks the chain from the first line.

use sea_orm::{ConnectionTrait, DbErr};

use super::store;

/// What the walk found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Every line follows the one before; so many lines, and the hash of the last, to be kept
    /// elsewhere as a witness.
    Whole {
        /// How many lines.
        lines: i64,
        /// Hash of the last line; empty for an empty journal.
        last: String,
    },
    /// The first line that does not hold, and why.
    Broken {
        /// Place of the line.
        seq: i64,
        /// A sentence.
        why: String,
    },
}

/// Walks the chain, a thousand lines at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(conn: &impl ConnectionTrait) -> Result<Verdict, DbErr> {
    let (mut seq, mut last) = (0, String::new());
    // Read first: lines written during the walk are checked, but not asked for.
    let (head_seq, head_hash) = store::head(conn).await?;
    let mut at_head = (head_seq == 0).then(String::new);
    loop {
        let lines = store::after(conn, seq, 1000).await?;
        let Some(end) = lines.last().map(|l| l.seq) else { break };
        for line in lines {
            if line.seq != seq + 1 {
                return Ok(Verdict::Broken { seq: seq + 1, why: "la ligne manque".to_owned() });
            }
            if line.previous != last {
                return Ok(Verdict::Broken {
                    seq: line.seq,
                    why: "elle ne suit pas la ligne précédente".to_owned(),
                });
            }
            if line.hash != line.expected_hash() {
                return Ok(Verdict::Broken { seq: line.seq, why: "son contenu a été modifié".to_owned() });
            }
            seq = line.seq;
            last = line.hash;
            if seq == head_seq {
                at_head = Some(last.clone());
            }
        }
        seq = end;
    }
    match at_head {
        Some(hash) if hash == head_hash => Ok(Verdict::Whole { lines: seq, last }),
        Some(_) => {
            Ok(Verdict::Broken { seq: head_seq, why: "la fin du journal a été remplacée".to_owned() })
        }
        None => Ok(Verdict::Broken { seq: seq + 1, why: "la fin du journal a été coupée".to_owned() }),
    }
}
