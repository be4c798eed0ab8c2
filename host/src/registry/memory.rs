//! An in-memory registry for tests.

use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Data, Hive, Key, Registry};

/// Keys, names and values.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    values: Mutex<Vec<(Key, String, Data)>>,
    read_only: AtomicBool,
}

#[cfg_attr(windows, allow(dead_code, reason = "computers are staged with what Unix has"))]
impl Memory {
    pub(crate) fn of(values: impl IntoIterator<Item = (Key, String, Data)>) -> Self {
        Self { values: Mutex::new(values.into_iter().collect()), ..Self::default() }
    }

    /// From now on behaves as for somebody who is not an administrator.
    pub(crate) fn deny_everybodys(&self) {
        self.read_only.store(true, Ordering::Release);
    }

    pub(crate) fn set(&self, key: &Key, name: &str, data: Data) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|(other, other_name, _)| (other, other_name.as_str()) != (key, name));
        values.push((key.clone(), name.to_owned(), data));
    }

    /// Everything that it holds, sorted.
    pub(crate) fn snapshot(&self) -> Vec<String> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<_> =
            values.iter().map(|(key, name, data)| format!("{key} {name:?} {data:?}")).collect();
        lines.sort();
        lines
    }

    fn check(&self, key: &Key) -> io::Result<()> {
        let denied = self.read_only.load(Ordering::Acquire) && key.hive != Hive::CurrentUser;
        if denied { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }
}

impl Registry for Memory {
    fn values(&self, key: &Key) -> Vec<(String, Data)> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let own = values.iter().filter(|(other, ..)| other == key);
        own.map(|(_, name, data)| (name.clone(), data.clone())).collect()
    }

    fn keys_below(&self, key: &Key) -> Vec<String> {
        let start = format!(r"{}\", key.path);
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = values
            .iter()
            .filter(|(other, ..)| other.hive == key.hive)
            .filter_map(|(other, ..)| other.path.strip_prefix(&start)?.split('\\').next().map(str::to_owned))
            .collect();
        names.dedup();
        names
    }

    fn set_default(&self, key: &Key, text: &str) -> io::Result<()> {
        self.check(key)?;
        self.set(key, "", Data::Text(text.to_owned()));
        Ok(())
    }

    fn remove(&self, key: &Key) -> io::Result<()> {
        self.check(key)?;
        self.values.lock().unwrap_or_else(PoisonError::into_inner).retain(|(other, ..)| other != key);
        Ok(())
    }

    fn is_writable_for_everybody(&self) -> bool {
        !self.read_only.load(Ordering::Acquire)
    }
}
