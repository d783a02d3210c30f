//! What a rule answers when it says no.

/// A refusal that a person can understand: it becomes a page, a message beside a field, or an
/// exit status, never a stack trace. Texts are French sentences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor has no right to do this here. Becomes 403, or 404 when even existence is hidden.
    #[error("{0}")]
    Forbidden(String),
    /// Nothing of that name for this actor. Becomes 404.
    #[error("Cette page n’existe pas ou n’existe plus.")]
    NotFound,
    /// A field does not hold what it should: (name of the field, sentence). Becomes 422.
    #[error("{}", .0.iter().map(|(_, m)| m.as_str()).collect::<Vec<_>>().join(" "))]
    Fields(Vec<(String, String)>),
    /// The request meets a state that has changed since, or a rule. Becomes 409.
    #[error("{0}")]
    Conflict(String),
}

impl Refusal {
    /// A refusal of one field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Fields(vec![(name.to_owned(), message.into())])
    }

    /// A refusal for want of a right.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden(message.into())
    }

    /// A refusal for the state of things.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }
}
