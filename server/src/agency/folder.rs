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
    files::{PORTAL, ProfileFile, profile_files},
    layers::{self, Layer, Layers, Step},
    mistake::{FileMistake, Mistake},
    parse::parse,
};

/// A profile that is valid on its own.
struct Sound<'t> {
    file: ProfileFile,
    text: String,
    /// What it inherits from, and that file.
    portal: Option<(&'t Path, &'t str)>,
    profile: AgencyProfile,
    ids: Vec<Pattern>,
}

impl Sound<'_> {
    fn portal_code(&self) -> Option<&str> {
        self.profile.portal.as_ref().map(|portal| portal.code.as_str())
    }

    fn mistake(&self, path: &[Step], message: &str) -> FileMistake {
        let texts = [Some((self.file.path.as_path(), self.text.as_str())), self.portal];
        let parsed: Vec<_> =
            texts.into_iter().flatten().map(|(path, text)| (path, Layer::parse(text))).collect();
        let all: Vec<&Layer<'_>> = parsed.iter().map(|(_, layer)| layer).collect();
        let (layer, mistake) = Layers(&all).mistake(path, message);
        let path = parsed.get(layer).map_or(self.file.path.as_path(), |(path, _)| path);
        FileMistake { path: path.to_owned(), mistake }
    }
}

/// Reads the profiles in a folder, with the members of its portals; by code, each with its file.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake in every file; [`Error::NoProfiles`] when there is no file.
#[allow(clippy::type_complexity, reason = "files and profiles by code")]
pub fn read_folder(folder: &Path) -> Result<BTreeMap<String, (PathBuf, Arc<AgencyProfile>)>, Error> {
    let (profiles, mistakes) = check_files(&[folder.to_owned()])?;
    // Those of certification authorities are named when these are read.
    let mistakes: Vec<FileMistake> =
        mistakes.into_iter().filter(|found| !found.path.starts_with(folder.join("ca"))).collect();
    if !mistakes.is_empty() {
        return Err(Error::Mistakes(mistakes));
    }
    if profiles.is_empty() {
        return Err(Error::NoProfiles(folder.to_owned()));
    }
    Ok(profiles
        .into_iter()
        .map(|(path, profile)| (profile.code.clone(), (path, Arc::new(profile))))
        .collect())
}

/// Checks files individually and together; a folder stands for its `*.toml`, the members of its portals, and the
/// files in its folder `ca`, and a `portal.toml` for its members. Returns the profiles that are valid on their own,
/// and all mistakes in the order of the files.
///
/// # Errors
/// [`Error::File`] for what can't be read.
#[allow(clippy::type_complexity, reason = "a list of sound files and a list of mistakes")]
pub fn check_files(paths: &[PathBuf]) -> Result<(Vec<(PathBuf, AgencyProfile)>, Vec<FileMistake>), Error> {
    let (mut files, mut mistakes, mut known) = (Vec::new(), Vec::new(), Authorities::default());
    for path in paths {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let authorities = match folder.join(PORTAL).is_file() {
            true => folder.join("../ca"),
            false => folder.join("ca"),
        };
        let read = known.add(authority::read_folder(&authorities));
        match ProfileFile::at(path.clone()).filter(|_| !path.is_dir()) {
            // The authorities' mistakes are not this file's.
            Some(file) => files.push(file),
            None => {
                files.extend(profile_files(folder)?);
                match read {
                    Ok(()) => {}
                    Err(Error::Mistakes(found)) => mistakes.extend(found),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    let texts: Result<Vec<_>, Error> = files.into_iter().map(read).collect();
    let texts = texts?;
    let portals = portals(&texts)?;
    let (sound, found) = check_texts(texts, &portals, &known);
    mistakes.extend(found);
    Ok((sound.into_iter().map(|sound| (sound.file.path, sound.profile)).collect(), mistakes))
}

/// Checks a text that would replace an agency's file, individually and together with the other files of the folder
/// of profiles. Returns its profile if it is valid, or everything wrong with it.
///
/// # Errors
/// [`Error::File`] when a file in the folder can't be read.
pub fn check_replacement(
    folder: &Path,
    path: &Path,
    code: &str,
    text: &str,
) -> Result<Result<AgencyProfile, Vec<Mistake>>, Error> {
    // The server's folders are none of the officers' business.
    let shown = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    let mut texts = Vec::new();
    for other in profile_files(folder)?.into_iter().filter(|other| other.path != path) {
        texts.push(read(other)?);
    }
    let own = ProfileFile::at(path.to_owned());
    let portal = own.as_ref().and_then(|own| own.portal.clone());
    texts.extend(own.map(|file| (file, text.as_bytes().to_vec())));
    let portals = portals(&texts)?;
    for (file, _) in &mut texts {
        file.path = shown(&file.path);
    }
    let mut known = Authorities::default();
    drop(known.add(authority::read_folder(&folder.join("ca"))));
    let (sound, found) = check_texts(texts, &portals, &known);
    let mut mistakes: Vec<Mistake> = found
        .into_iter()
        .filter_map(|FileMistake { path: place, mistake }| match place {
            own if own == shown(path) => Some(mistake),
            // An inherited value that does not go with the new text.
            inherited if Some(&inherited) == portal.as_ref() => {
                let message = format!("{}（{PORTAL}の{}行の値について）", mistake.message, mistake.line);
                Some(Mistake { line: 1, column: 1, message, key: mistake.key })
            }
            _ => None,
        })
        .collect();
    let profile = sound.into_iter().find(|sound| sound.file.path == shown(path)).map(|sound| sound.profile);
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
    fn unknown_in(&self, sound: &Sound<'_>) -> Vec<FileMistake> {
        let named = sound.profile.cards.authorities.iter().enumerate();
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
                sound.mistake(&path, &message)
            })
            .collect()
    }
}

/// A profile's file and its bytes.
type Text = (ProfileFile, Vec<u8>);

fn read(file: ProfileFile) -> Result<Text, Error> {
    let bytes = std::fs::read(&file.path).map_err(Error::file(&file.path))?;
    Ok((file, bytes))
}

/// What the members among these files inherit from.
fn portals(texts: &[Text]) -> Result<BTreeMap<PathBuf, Vec<u8>>, Error> {
    let mut portals = BTreeMap::new();
    for path in texts.iter().filter_map(|(file, _)| file.portal.as_ref()) {
        if !portals.contains_key(path) {
            portals.insert(path.clone(), std::fs::read(path).map_err(Error::file(path))?);
        }
    }
    Ok(portals)
}

/// Checks texts individually and together.
fn check_texts<'t>(
    texts: Vec<Text>,
    portals: &'t BTreeMap<PathBuf, Vec<u8>>,
    known: &Authorities,
) -> (Vec<Sound<'t>>, Vec<FileMistake>) {
    let (mut sound, mut mistakes): (Vec<Sound<'t>>, Vec<FileMistake>) = (Vec::new(), Vec::new());
    let mut inherited = BTreeMap::new();
    for (path, bytes) in portals {
        match str::from_utf8(bytes) {
            Ok(text) => drop(inherited.insert(path.as_path(), (text, Layer::parse(text)))),
            Err(error) => mistakes.push(FileMistake { path: path.clone(), mistake: not_utf8(bytes, error) }),
        }
    }
    for (file, bytes) in texts {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let mistake = not_utf8(error.as_bytes(), error.utf8_error());
                mistakes.push(FileMistake { path: file.path, mistake });
                continue;
            }
        };
        let portal = match &file.portal {
            None => None,
            Some(path) => match inherited.get(path.as_path()) {
                Some((text, layer)) => Some((path, *text, layer)),
                None => continue,
            },
        };
        let own = Layer::parse(&text);
        let parsed = match portal {
            Some((_, _, beneath)) => parse(Layers(&[&own, beneath])),
            None => parse(Layers(&[&own])),
        };
        match parsed {
            Ok(mut profile) => {
                hold_together(&mut profile, sound.last().map(|other| &other.profile));
                let portal = file.portal.as_ref().and_then(|path| {
                    let (path, (text, _)) = inherited.get_key_value(path.as_path())?;
                    Some((*path, *text))
                });
                let candidate = Sound { ids: patterns(&profile), file, text, portal, profile };
                mistakes.extend(known.unknown_in(&candidate));
                mistakes.extend(sound.iter().filter_map(|other| clash(other, &candidate)));
                sound.push(candidate);
            }
            Err(found) => mistakes.extend(found.into_iter().map(|(layer, mistake)| {
                let portal = file.portal.clone().filter(|_| layer > 0);
                FileMistake { path: portal.unwrap_or_else(|| file.path.clone()), mistake }
            })),
        }
    }
    (sound, once(mistakes))
}

/// Most members inherit forms and mails as they are. A portal may have 1,800 members.
fn hold_together(profile: &mut AgencyProfile, other: Option<&AgencyProfile>) {
    let Some(other) = other else { return };
    if profile.forms == other.forms {
        profile.forms = Arc::clone(&other.forms);
    }
    if profile.mail == other.mail {
        profile.mail = Arc::clone(&other.mail);
    }
}

/// A mistake in a portal's file is every member's.
fn once(mistakes: Vec<FileMistake>) -> Vec<FileMistake> {
    let mut seen = std::collections::HashSet::new();
    mistakes.into_iter().filter(|mistake| seen.insert(mistake.to_string())).collect()
}

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> Mistake {
    let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
    layers::mistake(&before, Some(before.len()..before.len()), "UTF-8の文字列ではありません")
}

/// What a file shares with an earlier one and must not.
fn clash(earlier: &Sound<'_>, later: &Sound<'_>) -> Option<FileMistake> {
    let at = |keys: &[&str], message: String| {
        let path: Vec<Step> = keys.iter().map(|&key| Step::Key(key.to_owned())).collect();
        Some(later.mistake(&path, &message))
    };
    let file = earlier.file.path.display();
    if earlier.profile.code == later.profile.code {
        return at(&["code"], format!("code「{}」の機関が、{file}にもあります", later.profile.code));
    }
    for (member, other, key) in [(earlier, later, &["code"][..]), (later, earlier, &["portal", "code"][..])] {
        if member.portal_code() == Some(&other.profile.code) {
            return at(key, format!("code「{}」は、共同利用の符号にもなっています", other.profile.code));
        }
    }
    let same_code = later.portal_code().is_some() && earlier.portal_code() == later.portal_code();
    if same_code && earlier.file.portal != later.file.portal {
        return at(&["portal", "code"], format!("同じ符号の共同利用が、{file}のフォルダーにもあります"));
    }
    let example = later.ids.iter().find(|one| earlier.ids.iter().any(|other| meet(one, other)));
    example.and_then(|pattern| {
        let shown: String = pattern.iter().map(|c| c.unwrap_or('9')).collect();
        at(
            &["company_id", "format"],
            format!("企業IDが、{file}の機関の企業IDと同じになることがあります（例: {shown}）"),
        )
    })
}

/// A 企業ID, character by character; `None` is any digit.
type Pattern = Vec<Option<char>>;

/// The 企業IDs of each category.
fn patterns(profile: &AgencyProfile) -> Vec<Pattern> {
    let of = |digit: u8| {
        let write = |sequence| profile.company_id.write(&profile.procurement_code, digit, sequence);
        let first = write(0)?;
        let last = (1..20).rev().find_map(|width| write(10_u64.pow(width) - 1))?;
        let pairs = first.chars().zip(last.chars());
        Some(pairs.map(|(first, last)| (first == last).then_some(first)).collect())
    };
    profile.categories.iter().filter_map(|category| of(category.digit)).collect()
}

fn meet(one: &Pattern, other: &Pattern) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Some(one), Some(other)) => one == other,
            (Some(fixed), None) | (None, Some(fixed)) => fixed.is_ascii_digit(),
            (None, None) => true,
        })
}
