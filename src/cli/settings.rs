//! From the configuration to what the parts of the service are built from.

use std::sync::Arc;

use anyhow::Context;

use crate::{
    accounts::Keyring,
    broker::{BrokerParts, HashingSettings, LimitSettings},
    clock::SystemClock,
    config::Config,
    random::OsRandom,
    store::{Store, StoreSettings},
};

/// Opens the database of the configuration.
pub fn open_store(config: &Config) -> anyhow::Result<Store> {
    Ok(Store::open(&store(config))?)
}

/// What the store is built from.
pub fn store(config: &Config) -> StoreSettings {
    StoreSettings {
        path: config.database.path.clone(),
        readers: config.database.readers,
        cache_kib: config.database.cache_kib,
    }
}

/// What the broker of the service is built from.
pub fn broker_parts(config: &Config, store: Store) -> anyhow::Result<BrokerParts> {
    Ok(BrokerParts {
        store,
        keyring: keyring(config)?,
        domains: config.domains.clone(),
        hashing: HashingSettings {
            memory_kib: config.hashing.memory_kib,
            passes: config.hashing.passes,
            scram_iterations: config.hashing.scram_iterations,
            threads: config.hashing.threads,
            queue: config.hashing.queue,
        },
        limits: LimitSettings {
            registrations_per_hour: config.limits.registrations_per_hour,
            wrong_proofs_per_minute: config.limits.wrong_proofs_per_minute,
            letters_per_hour: config.limits.letters_per_hour,
        },
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
    })
}

/// What the broker of one command is built from: the same, with one thread.
pub fn operator_parts(config: &Config, store: Store) -> anyhow::Result<BrokerParts> {
    let mut parts = broker_parts(config, store)?;
    parts.hashing.threads = 1;
    Ok(parts)
}

/// The keys of the configuration.
pub fn keyring(config: &Config) -> anyhow::Result<Keyring> {
    config.keys.keyring.clone().context("the configuration was read without the master key")
}
