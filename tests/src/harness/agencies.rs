//! The agency profiles in the form that journeys and the demo need.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::programs;

/// Copies the project's profiles into `folder`, without their 利用時間: tests run at night and on Sundays.
pub fn without_hours(folder: &Path) -> Result<PathBuf> {
    let copy = folder.join("agencies");
    copy_profiles(&programs::workspace().join("agencies"), &copy)?;
    Ok(copy)
}

/// Copies one profile with a change.
pub fn rewrite(agencies: &Path, code: &str, change: impl FnOnce(&mut toml::Table)) -> Result<()> {
    rewrite_file(&file_of(agencies, code)?, change)
}

/// An agency's file; a portal's member has it in the portal's folder.
fn file_of(agencies: &Path, code: &str) -> Result<PathBuf> {
    let mut folders = vec![agencies.to_owned()];
    for entry in fs::read_dir(agencies)? {
        folders.push(entry?.path());
    }
    let name = format!("{code}.toml");
    let found = folders.into_iter().map(|folder| folder.join(&name)).find(|path| path.is_file());
    found.with_context(|| format!("no agency has the code {code}"))
}

fn rewrite_file(path: &Path, change: impl FnOnce(&mut toml::Table)) -> Result<()> {
    let mut profile: toml::Table =
        fs::read_to_string(path)?.parse().with_context(|| format!("{} is no TOML", path.display()))?;
    change(&mut profile);
    Ok(fs::write(path, toml::to_string(&profile)?)?)
}

fn copy_profiles(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_profiles(&entry.path(), &target)?;
            continue;
        }
        fs::copy(entry.path(), &target)?;
    }
    let files: Vec<PathBuf> = fs::read_dir(to)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    for path in files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
        rewrite_file(&path, |profile| {
            profile.remove("hours");
            // No journey confirms addresses unless that is its subject.
            set_in_mail(profile, "send_unconfirmed", true.into());
        })?;
    }
    Ok(())
}

pub fn set_in_mail(profile: &mut toml::Table, name: &str, value: toml::Value) {
    if let Some(mail) = profile.get_mut("mail").and_then(toml::Value::as_table_mut) {
        mail.insert(name.to_owned(), value);
    }
}

/// Sets a value in every category of a profile.
pub fn set_in_categories(profile: &mut toml::Table, name: &str, value: toml::Value) {
    let categories = profile.get_mut("categories").and_then(toml::Value::as_array_mut);
    for category in categories.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        category.insert(name.to_owned(), value.clone());
    }
}
