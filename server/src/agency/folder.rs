//! Several profiles together: what none may share with another.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_proto::agency::AgencyProfile;

use super::{
    authority,
    error::Error,
    files::toml_files,
    layers::{self, Step},
    mistake::{FileMistake, Mistake},
    parse::parse_profile,
};

/// A profile that is valid on its own.
struct Sound {
    path: PathBuf,
    text: String,
    profile: AgencyProfile,
}

/// Reads every `*.toml` in a folder; the profiles by code, each with its file.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake in every file; [`Error::NoProfiles`] when there is no file.
#[allow(clippy::type_complexity, reason = "files and profiles by code")]
pub fn read_folder(folder: &Path) -> Result<BTreeMap<String, (PathBuf, Arc<AgencyProfile>)>, Error> {
    let files = toml_files(folder)?;
    if files.is_empty() {
        return Err(Error::NoProfiles(folder.to_owned()));
    }
    let (profiles, mistakes) = check_files(&files)?;
    if !mistakes.is_empty() {
        return Err(Error::Mistakes(mistakes));
    }
    Ok(profiles
        .into_iter()
        .map(|(path, profile)| (profile.code.clone(), (path, Arc::new(profile))))
        .collect())
}

/// Checks files individually and together; a folder stands for its `*.toml` and those in its folder `ca`.
/// Returns the profiles that are valid on their own, and all mistakes in the order of the files.
///
/// # Errors
/// [`Error::File`] for what can't be read.
#[allow(clippy::type_complexity, reason = "a list of sound files and a list of mistakes")]
pub fn check_files(paths: &[PathBuf]) -> Result<(Vec<(PathBuf, AgencyProfile)>, Vec<FileMistake>), Error> {
    let (mut files, mut mistakes, mut known) = (Vec::new(), Vec::new(), Authorities::default());
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            // Their mistakes are not this file's.
            drop(known.add(authority::read_folder(&path.parent().unwrap_or(Path::new("")).join("ca"))));
            continue;
        }
        files.extend(toml_files(path)?);
        match known.add(authority::read_folder(&path.join("ca"))) {
            Ok(()) => {}
            Err(Error::Mistakes(found)) => mistakes.extend(found),
            Err(error) => return Err(error),
        }
    }
    let texts: Result<Vec<_>, Error> = files.into_iter().map(read).collect();
    let (sound, found) = check_texts(texts?, &known);
    mistakes.extend(found);
    Ok((sound.into_iter().map(|file| (file.path, file.profile)).collect(), mistakes))
}

/// Checks a text that would replace an agency's file, individually and together with the folder's other files.
/// Returns its profile if it is valid, or everything wrong with it.
///
/// # Errors
/// [`Error::File`] when a file in the folder can't be read.
pub fn check_replacement(
    path: &Path,
    code: &str,
    text: &str,
) -> Result<Result<AgencyProfile, Vec<Mistake>>, Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    // The server's folders are none of the officers' business.
    let name = |path: &Path| PathBuf::from(path.file_name().unwrap_or_default());
    let mut texts = Vec::new();
    for other in toml_files(folder)?.into_iter().filter(|other| name(other) != name(path)) {
        let (path, bytes) = read(other)?;
        texts.push((name(&path), bytes));
    }
    texts.push((name(path), text.as_bytes().to_vec()));
    let mut known = Authorities::default();
    drop(known.add(authority::read_folder(&folder.join("ca"))));
    let (sound, found) = check_texts(texts, &known);
    let mut mistakes: Vec<Mistake> =
        found.into_iter().filter(|found| found.path == name(path)).map(|found| found.mistake).collect();
    let profile = sound.into_iter().find(|sound| sound.path == name(path)).map(|sound| sound.profile);
    if profile.as_ref().is_some_and(|profile| profile.code != code) {
        let path = [Step::Key("code".into())];
        mistakes.push(layers::mistake_in(text, &path, &format!("codeは「{code}」から変えられません")));
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    Ok(profile.filter(|_| mistakes.is_empty()).ok_or(mistakes))
}

/// The certification authorities that a profile may name.
#[derive(Default)]
struct Authorities {
    recognised: Vec<String>,
    /// Those whose certificates can't be recognised.
    others: Vec<String>,
    /// A folder could not be read, so nothing is known.
    is_unknown: bool,
}

impl Authorities {
    fn add(&mut self, read: Result<Vec<authority::Authority>, Error>) -> Result<(), Error> {
        self.is_unknown |= read.is_err();
        let (recognised, others): (Vec<_>, Vec<_>) =
            read?.into_iter().partition(authority::Authority::is_recognised);
        self.recognised.extend(recognised.into_iter().map(|authority| authority.code));
        self.others.extend(others.into_iter().map(|authority| authority.code));
        Ok(())
    }

    /// The names in `[cards] authorities` that match no authority.
    fn unknown_in(&self, file: &Sound) -> Vec<FileMistake> {
        let named = file.profile.cards.authorities.iter().enumerate();
        let unknown = named.filter(|(_, name)| !self.is_unknown && !self.recognised.contains(name));
        unknown
            .map(|(index, name)| {
                let path = [Step::Key("cards".into()), Step::Key("authorities".into()), Step::Index(index)];
                let message = match self.others.contains(name) {
                    true => format!(
                        "ca/{name}.tomlにはissuer（発行者の名前）がないので、どのカードにも当てはまりません"
                    ),
                    false => {
                        format!("ca/{name}.tomlがありません。書けるのは: {}", self.recognised.join("、"))
                    }
                };
                let mistake = layers::mistake_in(&file.text, &path, &message);
                FileMistake { path: file.path.clone(), mistake }
            })
            .collect()
    }
}

fn read(path: PathBuf) -> Result<(PathBuf, Vec<u8>), Error> {
    let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
    Ok((path, bytes))
}

/// Checks texts individually and together.
fn check_texts(texts: Vec<(PathBuf, Vec<u8>)>, known: &Authorities) -> (Vec<Sound>, Vec<FileMistake>) {
    let (mut sound, mut mistakes): (Vec<Sound>, Vec<FileMistake>) = (Vec::new(), Vec::new());
    for (path, bytes) in texts {
        let parsed = match String::from_utf8(bytes) {
            Ok(text) => parse_profile(&text).map(|profile| (text, profile)),
            Err(error) => Err(vec![not_utf8(&error)]),
        };
        match parsed {
            Ok((text, profile)) => {
                let candidate = Sound { path, text, profile };
                mistakes.extend(known.unknown_in(&candidate));
                mistakes.extend(sound.iter().filter_map(|other| clash(other, &candidate)));
                sound.push(candidate);
            }
            Err(found) => {
                mistakes.extend(found.into_iter().map(|mistake| FileMistake { path: path.clone(), mistake }));
            }
        }
    }
    (sound, mistakes)
}

fn not_utf8(error: &std::string::FromUtf8Error) -> Mistake {
    let end = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..end]);
    layers::mistake(&before, Some(before.len()..before.len()), "UTF-8の文字列ではありません")
}

/// What a file shares with an earlier one and must not.
fn clash(earlier: &Sound, later: &Sound) -> Option<FileMistake> {
    let at = |keys: &[&str], message: String| {
        let path: Vec<Step> = keys.iter().map(|&key| Step::Key(key.to_owned())).collect();
        let mistake = layers::mistake_in(&later.text, &path, &message);
        Some(FileMistake { path: later.path.clone(), mistake })
    };
    let file = earlier.path.display();
    if earlier.profile.code == later.profile.code {
        return at(&["code"], format!("code「{}」の機関が、{file}にもあります", later.profile.code));
    }
    let others = patterns(&earlier.profile);
    let example =
        patterns(&later.profile).into_iter().find(|one| others.iter().any(|other| meet(one, other)));
    example.and_then(|pattern| {
        let shown: String = pattern.into_iter().map(|c| c.unwrap_or('9')).collect();
        at(
            &["company_id", "format"],
            format!("企業IDが、{file}の機関の企業IDと同じになることがあります（例: {shown}）"),
        )
    })
}

/// The 企業IDs of each category, character by character; `None` is any digit.
fn patterns(profile: &AgencyProfile) -> Vec<Vec<Option<char>>> {
    let of = |digit: u8| {
        let write = |sequence| profile.company_id.write(&profile.procurement_code, digit, sequence);
        let first = write(0)?;
        let last = (1..20).rev().find_map(|width| write(10_u64.pow(width) - 1))?;
        let pairs = first.chars().zip(last.chars());
        Some(pairs.map(|(first, last)| (first == last).then_some(first)).collect())
    };
    profile.categories.iter().filter_map(|category| of(category.digit)).collect()
}

fn meet(one: &[Option<char>], other: &[Option<char>]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Some(one), Some(other)) => one == other,
            (Some(fixed), None) | (None, Some(fixed)) => fixed.is_ascii_digit(),
            (None, None) => true,
        })
}
