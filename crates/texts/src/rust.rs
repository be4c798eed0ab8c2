//! The Rust source through which a program names its texts.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{Catalogue, Placeholder, SOURCE, Table, Text};

/// A module being written.
#[derive(Default)]
struct Module<'a> {
    modules: BTreeMap<&'a str, Module<'a>>,
    texts: Vec<&'a Text>,
    tables: Vec<&'a Table>,
}

impl Catalogue {
    /// Constants of type `Text`, and functions that fill in placeholders, in one module per table. Where a program
    /// includes this it must have in scope: `Text::new(u16)`, and `fill(Text, &[(&str, &dyn Display)])`, which
    /// returns a `String`. `first` is the number of the catalogue's first text.
    pub(crate) fn rust(&self, name: &str, first: usize) -> String {
        let mut top = Module::default();
        let root = top.modules.entry(name).or_default();
        for text in &self.texts {
            let (_, modules) = text.path.split_last().expect("a text has a name");
            root.at(modules).texts.push(text);
        }
        for table in &self.tables {
            root.at(&table.path).tables.push(table);
        }
        let mut file = String::new();
        top.write(self, first, &mut file);
        file
    }

    fn write_text(&self, text: &Text, first: usize, file: &mut String) {
        let Text { path, placeholders, plural, line } = text;
        let name = path.last().expect("a text has a name");
        let number = first + line;
        let doc = &self.lines[SOURCE][line + usize::from(*plural)];
        if placeholders.is_empty() {
            let name = name.to_uppercase();
            let _ = writeln!(file, "#[doc = {doc:?}]\npub(crate) const {name}: Text = Text::new({number});");
            return;
        }
        let parameters: Vec<String> = placeholders.iter().map(parameter).collect();
        let values: Vec<String> =
            placeholders.iter().map(|part| format!("({0:?}, &{0})", part.name)).collect();
        let number = match plural {
            true => format!("{number} + u16::from(count != 1)"),
            false => number.to_string(),
        };
        let (parameters, values) = (parameters.join(", "), values.join(", "));
        let _ = writeln!(
            file,
            "#[doc = {doc:?}]\npub(crate) fn {name}({parameters}) -> String {{ fill(Text::new({number}), &[{values}]) }}"
        );
    }
}

fn parameter(Placeholder { name, kind }: &Placeholder) -> String {
    format!("{name}: {kind}")
}

fn write_table(table: &Table, first: usize, file: &mut String) {
    let parts = table.key.parts;
    let (enumeration, number) = (table.key.enumeration, first + table.line);
    for (place, part) in parts.iter().enumerate() {
        let (begin, width) = (number + place, parts.len());
        let _ = writeln!(
            file,
            "#[doc = \"The `{part}` of a value, where it has one.\"]\n\
             pub(crate) fn {part}(value: {enumeration}) -> Option<Text> {{ \
             Text::new({begin} + {width} * (value as u16)).said() }}"
        );
    }
}

impl<'a> Module<'a> {
    fn at(&mut self, path: &'a [String]) -> &mut Self {
        path.iter().fold(self, |module, name| module.modules.entry(name).or_default())
    }

    fn write(&self, catalogue: &Catalogue, first: usize, file: &mut String) {
        for text in &self.texts {
            catalogue.write_text(text, first, file);
        }
        for table in &self.tables {
            write_table(table, first, file);
        }
        for (name, module) in &self.modules {
            let _ = writeln!(
                file,
                "pub(crate) mod {name} {{\n#[allow(unused_imports)]\nuse super::{{Text, fill}};"
            );
            module.write(catalogue, first, file);
            file.push_str("}\n");
        }
    }
}
