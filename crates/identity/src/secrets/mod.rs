//! What proves who somebody is, and how it is kept: passwords, one-time codes, links.
//! Nothing here touches the database; nothing reads an ambient clock or chance.

pub mod link;
pub mod password;
pub mod recovery;
pub mod totp;
