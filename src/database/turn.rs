//! Password logins come in pairs, so that a password can be changed without an error for a
//! connection that is open: one of the two is in use, a rotation gives the other one a new
//! password, moves everybody over, and only then takes the first one's login away.
//!
//! Which of the two is in use stands in the id of the secret's version, which is not secret and
//! which every task is pinned to: user and password can never come from different logins.

/// How the id of a version ends that holds the password of the second login. Ids are UUIDs, whose
/// last part is longer.
pub const SECOND: &str = "-2";

/// Which login of a pair is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// `main_web`.
    First,
    /// `main_2_web`.
    Second,
}

impl Turn {
    /// As the id of a secret's version says.
    pub fn of(version: &str) -> Self {
        if version.ends_with(SECOND) { Self::Second } else { Self::First }
    }

    /// The one after it.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }

    /// The id of a version that holds passwords of this turn.
    pub fn version(self, uuid: &str) -> String {
        match self {
            Self::First => uuid.to_owned(),
            Self::Second => format!("{uuid}{SECOND}"),
        }
    }

    /// The login of this turn.
    pub fn login(self, database: &str, login: &str) -> String {
        match self {
            Self::First => login.to_owned(),
            Self::Second => twin(database, login),
        }
    }
}

/// The second login of a pair: `main_2_web` for `main_web` of the database `main`. No consumer's
/// name starts with a digit, so no other login is called like that.
pub fn twin(database: &str, login: &str) -> String {
    let database = database.replace('-', "_");
    let consumer = login.strip_prefix(&database).unwrap_or(login);
    format!("{database}_2_{}", consumer.trim_start_matches('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_whose_password_it_holds() {
        let uuid = "5f0c1a2b-0000-4000-8000-000000000002";
        for turn in [Turn::First, Turn::Second] {
            assert_eq!(Turn::of(&turn.version(uuid)), turn);
            assert_eq!(turn.other().other(), turn);
            assert!((32..=64).contains(&turn.version(uuid).len()), "as the platform wants them");
        }
        assert_eq!(Turn::First.login("main", "main_web"), "main_web");
        assert_eq!(Turn::Second.login("main", "main_web"), "main_2_web");
        assert_eq!(twin("solo-db", "solo_db_app"), "solo_db_2_app");
    }
}
