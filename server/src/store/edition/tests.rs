//! What a roster and its last import become that are from before there were editions.

use super::{super::sqlite, *};
use crate::store::{Actor, look_back, sweep, take::FormerRoster};

/// The last version without editions.
pub(in crate::store) const EARLIER: usize = 47;

/// Agency `a` has taken an import over that changed company 1, added 3, removed 4 and suspended 5, and left 2 alone. Agency
/// `b` has never imported anything. At `c` the roster has changed since its last import.
pub(in crate::store) const HELD: &str = "
    INSERT INTO officer (id, agency, login_id, name, role, created_at) VALUES (1, 'a', 'o', '', 'review', 0);
    INSERT INTO import (id, agency, file_name, size, state, officer, began_at, touched_at, taken_at, roster_version)
    VALUES (1, 'a', '', 1, 'taken', 1, 0, 0, 100, 5), (2, 'c', '', 1, 'taken', 1, 0, 0, 100, 7);
    INSERT INTO roster_version (agency, version) VALUES ('a', 5), ('c', 9);
    INSERT INTO roster (agency, number, name, kana, corporate_number, postal_code, address, representative_name,
        representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, added_by, listing_row)
    VALUES ('a', '1', '新', '', '', '', '', '', '', '', '', '', '{}', '', '', 100, NULL, 3),
        ('a', '2', '二', '', '', '', '', '', '', '', '', '', '{}', '', '', 50, NULL, 4),
        ('a', '3', '三', '', '', '', '', '', '', '', '', '', '{}', '', '', 100, 1, 4),
        ('a', '5', '五', '', '', '', '', '', '', '', '', '', '{}', '', '', 50, NULL, 4),
        ('b', '1', '乙', '', '', '', '', '', '', '', '', '', '{}', '', '', 50, NULL, 4),
        ('c', '1', '丙', '', '', '', '', '', '', '', '', '', '{}', '', '', 100, 2, 4);
    INSERT INTO roster_before (import, deed, number, name, kana, corporate_number, postal_code, address,
        representative_name, representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at,
        information_user_id, information_password, listing_row, listing_kana, listing_name)
    SELECT 1, 'changed', number, '旧', kana, corporate_number, postal_code, address, representative_name,
        representative_title, phone, fax, branch, qualifications, user_id, password_hash, 50, information_user_id,
        information_password, 2, '', '' FROM roster WHERE agency = 'a' AND number = '1' UNION ALL
    SELECT 1, 'removed', '4', '四', kana, corporate_number, postal_code, address, representative_name,
        representative_title, phone, fax, branch, qualifications, user_id, password_hash, 50, information_user_id,
        information_password, 2, '', '' FROM roster WHERE agency = 'a' AND number = '1' UNION ALL
    SELECT 1, 'suspended', '5', name, kana, corporate_number, postal_code, address, representative_name,
        representative_title, phone, fax, branch, qualifications, user_id, password_hash, 50, information_user_id,
        information_password, listing_row, '', '' FROM roster WHERE agency = 'a' AND number = '5' UNION ALL
    SELECT 2, 'changed', '1', '前', kana, corporate_number, postal_code, address, representative_name,
        representative_title, phone, fax, branch, qualifications, user_id, password_hash, 50, information_user_id,
        information_password, listing_row, '', '' FROM roster WHERE agency = 'a' AND number = '5';
    INSERT INTO company (agency, number, company_id, fields, registered_at) VALUES ('a', '5', 'K-5', '{}', 1);
    INSERT INTO account (agency, category, number, login_id, password_hash, fields, state, applied_at)
    VALUES ('a', 'x', '2', 'two', '', '{}', 'approved', 1);
    INSERT INTO suspension (agency, number, card, reason, officer, at) VALUES ('a', '5', NULL, '', 'o', 100);
    DELETE FROM name_due;
    INSERT INTO name_key (agency, number) VALUES ('a', '1'), ('a', '2'), ('a', '3'), ('a', '5'), ('b', '1'), ('c', '1');
";

#[test]
fn an_import_from_before_rosters_had_editions_can_still_be_undone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    sqlite::make_earlier(&path, EARLIER).execute_batch(HELD).unwrap();
    let mut database = Exclusive::open(&path).unwrap();
    let keys = "SELECT \"from\" || ' ' || \"table\" FROM pragma_foreign_key_list('company') UNION ALL \
                SELECT \"from\" || ' ' || \"table\" FROM pragma_foreign_key_list('account')";
    assert_eq!(database.texts(keys), Vec::<String>::new());
    let indexes = "SELECT name FROM sqlite_schema WHERE name IN ('company_latest', 'mail_address_unconfirmed') ORDER BY 1";
    assert_eq!(database.texts(indexes), ["company_latest", "mail_address_unconfirmed"]);
    for whole in [
        "SELECT integrity_check FROM pragma_integrity_check",
        "SELECT 'ok' WHERE NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check)",
    ] {
        assert_eq!(database.texts(whole), ["ok"]);
    }
    check(database);
}

impl Exclusive {
    fn texts(&mut self, sql: &str) -> Vec<String> {
        self.read(|reader| reader.db.all(sql, params![], |row| row.get(0))).unwrap()
    }

    fn names(&mut self, agency: &str) -> Vec<String> {
        let sql = format!("SELECT number || name FROM roster WHERE agency = '{agency}' ORDER BY number");
        let names = self.texts(&sql);
        let total = self.read(|reader| reader.listed_total(agency, (0, 11))).unwrap();
        assert_eq!(total, names.len() as u64, "{names:?}");
        names
    }
}

/// The database had [`HELD`] and has this version's schema since.
pub(in crate::store) fn check(mut database: Exclusive) {
    assert_eq!(database.names("a"), ["1新", "2二", "3三", "5五"]);
    assert_eq!((database.names("b"), database.names("c")), (vec!["1乙".to_owned()], vec!["1丙".to_owned()]));
    let places =
        "SELECT number || listing_row FROM roster_place WHERE agency = 'a' ORDER BY listing_row, number";
    assert_eq!(database.texts(places), ["12", "42", "13", "24", "34", "54"], "of both editions");
    let due = "SELECT agency || number || since FROM name_due ORDER BY 1";
    assert_eq!(database.texts(due), ["a10", "a40"], "names that only an undo brings back");
    let mut undo = |agency: &str, import: i64| {
        let former = looked_back(&mut database, (agency, import));
        former.map(|former| database.write(|writer| writer.take_former(&former, Actor::command(agency), 1)))
    };
    assert!(undo("c", 2).is_none_or(|undone| undone.is_err()));
    assert!(undo("a", 1).unwrap().unwrap());
    assert_eq!(database.names("a"), ["1旧", "2二", "4四", "5五"]);
    let suspension = database.read(|reader| reader.company_suspension("a", "5", 200)).unwrap();
    assert_eq!(suspension, None);
    sweep(&mut database, "a", &mut || Ok(1)).unwrap();
    assert_eq!(database.names("a"), ["1旧", "2二", "4四", "5五"]);
    let telling = database.read(|reader| reader.telling("a")).unwrap().unwrap();
    let turned = database.read(|reader| reader.turned_companies(&telling)).unwrap();
    let turned: Vec<_> =
        turned.iter().map(|company| (company.number.as_str(), company.is_suspended)).collect();
    assert_eq!(turned, [("2", false), ("5", true)], "who is to be told");
    database.write(|writer| writer.all_told(&telling)).unwrap();
    sweep(&mut database, "a", &mut || Ok(1)).unwrap();
    assert_eq!(database.names("a"), ["1旧", "2二", "4四", "5五"]);
    assert_eq!(
        database.texts("SELECT number FROM roster_row WHERE agency = 'a' ORDER BY 1"),
        ["1", "2", "4", "5"]
    );
    assert_eq!(database.texts(places), ["12", "42", "24", "54"], "what leads nowhere is swept");
}

fn looked_back(database: &mut Exclusive, whose: (&str, i64)) -> Option<FormerRoster> {
    look_back(database, whose, &mut |_| Ok(1)).unwrap()
}
