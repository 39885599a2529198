//! Replays event logs onto packs, on virtual time.
