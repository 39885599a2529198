//! Tries a pack without a database: simulate, explore, scenarios.
