//! What the fuzz targets under `fuzz/` reach in here, and nothing else does. Each function takes whatever bytes, and panics when
//! something does not hold that should.

use std::path::PathBuf;

use super::{ejabberd, lua::LuaValue, xep_0227::PortableAccounts};

/// The Lua data of Prosody.
pub fn lua_data(data: &[u8]) {
    let Ok(value) = LuaValue::parse(data) else { return };
    for name in ["password", "salt", "iteration_count"] {
        assert!(value.get(name) != Some(&LuaValue::Nil), "nil is nothing");
    }
}

/// A file of XEP-0227.
pub fn portable_accounts(data: &[u8]) {
    ends(PortableAccounts::new(data, PathBuf::from("file")), data.len());
}

/// A dump of ejabberd's Mnesia database.
pub fn mnesia_dump(data: &[u8]) {
    ends(ejabberd::fuzzing::mnesia(data), data.len());
}

/// A dump of ejabberd's SQL database.
pub fn sql_dump(data: &[u8]) {
    ends(ejabberd::fuzzing::sql(data), data.len());
}

/// Whatever is in a file, there are fewer accounts than bytes, and after an error there are none.
fn ends<T>(accounts: impl Iterator<Item = anyhow::Result<T>>, length: usize) {
    let (mut found, mut is_over) = (0, false);
    for account in accounts {
        assert!(!is_over, "something comes after an error");
        is_over = account.is_err();
        found += 1;
        assert!(found <= length + 1, "more accounts than bytes");
    }
}

#[cfg(test)]
mod tests {
    use crate::fuzz_seeds::run as run_seeds;

    #[test]
    fn the_seeds_of_the_fuzz_targets_hold() {
        run_seeds("lua_data", super::lua_data);
        run_seeds("portable_accounts", super::portable_accounts);
        run_seeds("mnesia_dump", super::mnesia_dump);
        run_seeds("sql_dump", super::sql_dump);
    }
}
