//! ISO 7816-4 commands and replies, and how long ones travel: command chaining (5.3.3), GET RESPONSE after `61xx`,
//! a corrected Le after `6Cxx`, and extended length fields where a card supports them.

use touroku_proto::card::PinRules;
use zeroize::Zeroizing;

use super::{
    Card, Control, Protocol, atr,
    pin_pad::{self, PinPad},
    tlv,
};
use crate::error::Error;

/// The most data in a reply. The largest PIV object is below 4 kB; a card that keeps sending must not fill the
/// memory.
const MAX_REPLY: usize = 64 * 1024;

/// The most GET RESPONSE commands for one reply: [`MAX_REPLY`] in pieces of 256 bytes.
const MAX_PIECES: usize = MAX_REPLY / 256;

/// The most data bytes of a command with a short length field.
const SHORT: usize = 255;

/// How often a wrong Le is corrected: a card that signs anew for each request produces ECDSA signatures of varying
/// length, and requesting the previous length fails about every other time.
const LE_CORRECTIONS: usize = 16;

/// A command. Its data is overwritten on drop, and there is no `Debug`, because it may hold a PIN.
pub struct Command {
    name: &'static str,
    class: u8,
    instruction: u8,
    p1: u8,
    p2: u8,
    data: Zeroizing<Vec<u8>>,
    reply: Expect,
}

/// How much data a command's reply has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Nothing,
    /// Usually up to 256 bytes.
    Short,
    /// Exactly this many, 1 to 256; no more may be requested.
    Exactly(u16),
    /// Possibly more than 256 bytes, which makes extended length worthwhile.
    Long,
}

/// SW1 SW2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StatusWord(pub u16);

pub struct Reply {
    pub data: Vec<u8>,
    pub status: StatusWord,
}

/// A card, with how to talk to it and the progress of the work.
pub struct Channel<'a> {
    card: &'a mut dyn Card,
    control: &'a mut dyn Control,
    extended: bool,
    done: u32,
    total: u32,
}

impl Command {
    /// A command of class 00. `name` is for error messages.
    pub fn new(name: &'static str, [instruction, p1, p2]: [u8; 3], data: Vec<u8>, reply: Expect) -> Self {
        Self { name, class: 0x00, instruction, p1, p2, data: Zeroizing::new(data), reply }
    }

    /// The same of another class, such as 80 for a maker's own commands.
    #[must_use]
    pub fn of_class(self, class: u8) -> Self {
        Self { class, ..self }
    }

    fn short(&self, chained: u8, data: &[u8], le: Option<u8>, protocol: Protocol) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SHORT + 6));
        bytes.extend_from_slice(&[self.class | chained, self.instruction, self.p1, self.p2]);
        if let Ok(length @ 1..) = u8::try_from(data.len()) {
            bytes.push(length);
            bytes.extend_from_slice(data);
        }
        match (le, protocol) {
            // T=0 has a single length byte (ISO 7816-3, 12.1): Lc if there is data, zero if there is neither data
            // nor a reply.
            (Some(_), Protocol::T0) if !data.is_empty() => {}
            (None, Protocol::T0) if data.is_empty() => bytes.push(0),
            (Some(le), _) => bytes.push(le),
            (None, _) => {}
        }
        bytes
    }

    fn extended(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![self.class, self.instruction, self.p1, self.p2, 0x00]);
        if let Ok(length @ 1..) = u16::try_from(self.data.len()) {
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        if self.reply != Expect::Nothing {
            bytes.extend_from_slice(&[0, 0]);
        }
        bytes
    }

    /// The short Le; 0 means 256.
    fn le(&self) -> Option<u8> {
        match self.reply {
            Expect::Nothing => None,
            Expect::Short | Expect::Long => Some(0),
            Expect::Exactly(length) => Some(length.to_be_bytes()[1]),
        }
    }

    fn wants_extended(&self) -> bool {
        (self.data.len() > SHORT || self.reply == Expect::Long) && u16::try_from(self.data.len()).is_ok()
    }

    /// An error with this command's name and the status word.
    pub fn refused(&self, status: StatusWord) -> Error {
        Error::Status { command: self.name, word: status.0 }
    }
}

impl StatusWord {
    /// 9000.
    pub const OK: Self = Self(0x9000);

    /// Whether, in reply to a SELECT by name, it means that there is no such application or no such SELECT: any
    /// warning or checking error (ISO 7816-4, table 6). Execution errors (64, 65, 6F) mean that something broke.
    pub fn is_checking_error(self) -> bool {
        matches!(self.0 >> 8, 0x62 | 0x67..=0x6E)
    }

    /// How many bytes wait for GET RESPONSE.
    fn more(self) -> Option<u8> {
        let [class, low] = self.0.to_be_bytes();
        (class == 0x61).then_some(low)
    }

    /// The Le that the card wants instead.
    fn right_le(self) -> Option<u8> {
        let [class, low] = self.0.to_be_bytes();
        (class == 0x6C).then_some(low)
    }

    /// Wrong length, class or instruction not supported, wrong parameters, chaining expected, or no diagnosis: how
    /// cards respond to an extended length field that they cannot parse.
    fn refuses_extended(self) -> bool {
        matches!(self.0, 0x6700 | 0x6A86 | 0x6D00 | 0x6E00 | 0x6F00 | 0x6881..=0x6884)
            || self.right_le().is_some()
    }
}

impl Reply {
    /// Splits a reply of at most `limit` data bytes.
    pub fn parse(mut bytes: Vec<u8>, limit: usize) -> Result<Self, Error> {
        let at = bytes.len().checked_sub(2).ok_or(Error::Malformed("reply without status word"))?;
        if at > limit {
            return Err(Error::Malformed("reply longer than asked for"));
        }
        let status = bytes.split_off(at).iter().fold(0, |word, &b| word << 8 | u16::from(b));
        Ok(Self { data: bytes, status: StatusWord(status) })
    }
}

impl<'a> Channel<'a> {
    /// Starts with a card inside our transaction. `expected` is roughly how many commands will be sent.
    pub fn new(card: &'a mut dyn Card, control: &'a mut dyn Control, expected: u32) -> Self {
        // T=0 has no extended length without an ENVELOPE wrapping that few cards have.
        let extended = card.protocol() == Protocol::T1 && atr::has_extended_length(card.atr());
        Self { card, control, extended, done: 0, total: expected }
    }

    /// Corrects the number of commands still to come.
    pub fn expect_more(&mut self, commands: u32) {
        self.total = self.done.saturating_add(commands);
    }

    /// How many commands go out for this one.
    pub fn commands_for(&self, command: &Command) -> u32 {
        let blocks = command.data.len().div_ceil(SHORT).max(1);
        if self.extended { 1 } else { u32::try_from(blocks).unwrap_or(u32::MAX) }
    }

    /// Who watches over the work.
    pub fn control(&mut self) -> &mut dyn Control {
        self.control
    }

    /// Whether any command has been sent.
    pub fn was_used(&self) -> bool {
        self.done > 0
    }

    /// Sends a command and collects its whole reply, in whichever way works.
    pub fn exchange(&mut self, command: &Command) -> Result<Reply, Error> {
        if self.extended && command.wants_extended() {
            self.control.proceed()?;
            match self.send(&command.extended(), MAX_REPLY) {
                Ok(reply) if !reply.status.refuses_extended() => {
                    let reply = self.collect(command, reply)?;
                    // Some readers pass on the first 256 bytes and report that this was all.
                    let is_cut = command.reply == Expect::Long && tlv::is_cut(&reply.data);
                    if reply.status != StatusWord::OK || !is_cut {
                        return Ok(reply);
                    }
                    self.extended = false;
                }
                // The card or, after a communication error, the reader does not support what the card's ATR
                // promised.
                Ok(_) | Err(Error::Line(_) | Error::Malformed(_)) => self.extended = false,
                Err(error) => return Err(error),
            }
        }
        let mut blocks = command.data.chunks(SHORT).peekable();
        let mut last: &[u8] = &[];
        while let Some(block) = blocks.next() {
            if blocks.peek().is_none() {
                last = block;
                break;
            }
            self.control.proceed()?;
            let bytes = command.short(0x10, block, None, self.card.protocol());
            let reply = self.send(&bytes, SHORT + 1)?;
            if reply.status != StatusWord::OK {
                return Ok(reply);
            }
        }
        let le = command.le();
        self.control.proceed()?;
        let mut reply = self.send(&command.short(0x00, last, le, self.card.protocol()), SHORT + 1)?;
        for _ in 0..LE_CORRECTIONS {
            let Some(right) = reply.status.right_le() else { break };
            self.control.proceed()?;
            reply = self.send(&command.short(0x00, last, Some(right), self.card.protocol()), SHORT + 1)?;
        }
        self.collect(command, reply)
    }

    /// Sends a command exactly once, whatever the card answers: for what must never be repeated.
    pub fn exchange_once(&mut self, command: &Command) -> Result<Reply, Error> {
        self.control.proceed()?;
        self.send_once(command)
    }

    /// Like [`Self::exchange_once`], but can't be cancelled: for cleaning up.
    pub fn send_once(&mut self, command: &Command) -> Result<Reply, Error> {
        let le = command.le();
        self.send(&command.short(0x00, &command.data, le, self.card.protocol()), SHORT + 1)
    }

    /// Has the reader ask for a PIN, write it over the beginning of the data and send the command, exactly once.
    pub fn send_at_reader(
        &mut self,
        pad: PinPad,
        rules: PinRules,
        command: &Command,
    ) -> Result<Reply, Error> {
        let bytes = command.short(0x00, &command.data, None, self.card.protocol());
        let structure = pin_pad::verify_structure(rules, &bytes);
        self.control.at_reader(pin_pad::TIME, self.done, self.total)?;
        let reply = self.card.control(pad.control_code(), &structure)?;
        self.count();
        Reply::parse(reply, SHORT + 1)
    }

    /// Collects the rest of a reply even when the work is being cancelled.
    pub fn collect(&mut self, command: &Command, mut reply: Reply) -> Result<Reply, Error> {
        for _ in 0..MAX_PIECES {
            let Some(more) = reply.status.more() else { return Ok(reply) };
            let mut piece = self.get_response(more)?;
            if let Some(right) = piece.status.right_le() {
                piece = self.get_response(right)?;
            }
            if piece.status != StatusWord::OK && piece.status.more().is_none() {
                return Err(command.refused(piece.status));
            }
            reply.data.extend_from_slice(&piece.data);
            reply.status = piece.status;
            if reply.data.len() > MAX_REPLY {
                break;
            }
        }
        Err(Error::Malformed("reply without end"))
    }

    fn get_response(&mut self, le: u8) -> Result<Reply, Error> {
        self.send(&[0x00, 0xC0, 0x00, 0x00, le], SHORT + 1)
    }

    fn send(&mut self, bytes: &[u8], limit: usize) -> Result<Reply, Error> {
        let reply = self.card.transmit(bytes)?;
        self.count();
        Reply::parse(reply, limit)
    }

    fn count(&mut self) {
        self.done = self.done.saturating_add(1);
        self.control.finished(self.done, self.total.max(self.done));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::card::script::{Script, Steady};

    fn command(length: usize, reply: Expect) -> Command {
        Command::new("TEST", [0x87, 0x07, 0x9A], vec![0xAB; length], reply)
    }

    fn exchange(card: &mut Script, command: &Command) -> Result<Reply, Error> {
        Channel::new(card, &mut Steady::default(), 1).exchange(command)
    }

    fn data(length: usize) -> String {
        "AB".repeat(length)
    }

    #[test]
    fn long_data_goes_out_in_chained_blocks_of_255_bytes() {
        let mut card = Script::new()
            .on(&format!("1087079AFF{}", data(255)), "9000")
            .on(&format!("1087079AFF{}", data(255)), "9000")
            .on(&format!("0087079A01{}00", data(1)), "AA 9000");
        assert_eq!(exchange(&mut card, &command(511, Expect::Long)).unwrap().data, [0xAA]);
        card.assert_finished();
    }

    #[test]
    fn a_chain_ends_at_the_first_refused_block() {
        let mut card = Script::new().on("1087…", "6884");
        assert_eq!(exchange(&mut card, &command(300, Expect::Long)).unwrap().status.0, 0x6884);
        card.assert_finished();
    }

    #[test]
    fn exactly_255_bytes_are_one_block() {
        let mut card = Script::new().on(&format!("0087079AFF{}", data(255)), "9000");
        assert!(exchange(&mut card, &command(255, Expect::Nothing)).is_ok());
        card.assert_finished();
    }

    #[test]
    fn a_reply_in_pieces_is_put_together_even_when_le_is_corrected_on_the_way() {
        let mut card = Script::new()
            .on("0087079A01AB00", "0102 6100")
            .on("00C0000000", "03 6102")
            .on("00C0000002", "6C01")
            .on("00C0000001", "04 9000");
        assert_eq!(exchange(&mut card, &command(1, Expect::Short)).unwrap().data, [1, 2, 3, 4]);
        card.assert_finished();
    }

    #[test]
    fn a_wrong_le_is_corrected_as_often_as_a_new_signature_has_another_length() {
        let mut card =
            Script::new().on("0087079A00", "6C05").on("0087079A05", "6C04").on("0087079A04", "01020304 9000");
        assert_eq!(exchange(&mut card, &command(0, Expect::Short)).unwrap().data.len(), 4);
        card.assert_finished();
    }

    #[test]
    fn a_card_that_is_content_with_no_le_is_given_up() {
        let mut card = Script::new().on("0087079A00", "6C05");
        for _ in 0..LE_CORRECTIONS {
            card = card.on("0087079A05", "6C05");
        }
        assert_eq!(exchange(&mut card, &command(0, Expect::Short)).unwrap().status.0, 0x6C05);
        card.assert_finished();
    }

    #[test]
    fn an_error_in_the_middle_of_a_reply_is_an_error() {
        let mut card = Script::new().on("00…", "01 6101").on("00C0000001", "6F00");
        assert!(matches!(
            exchange(&mut card, &command(0, Expect::Short)),
            Err(Error::Status { word: 0x6F00, .. })
        ));
    }

    #[test]
    fn a_card_that_never_stops_sending_is_given_up() {
        struct Endless(usize);
        impl Card for Endless {
            fn atr(&self) -> &[u8] {
                &[]
            }
            fn protocol(&self) -> Protocol {
                Protocol::T1
            }
            fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
                Ok([vec![0; self.0], vec![0x61, 0x00]].concat())
            }
        }
        for size in [0, 1, 256] {
            let (mut card, mut control) = (Endless(size), Steady::default());
            let reply = Channel::new(&mut card, &mut control, 1).exchange(&command(0, Expect::Short));
            assert_eq!(reply.err(), Some(Error::Malformed("reply without end")));
        }
    }

    #[test]
    fn extended_length_is_used_where_the_card_announces_it_and_it_is_worth_it() {
        let mut card = Script::extended()
            .on(&format!("0087079A00012C{}0000", data(300)), &format!("{}9000", "CD".repeat(400)))
            .on("0087079A01AB00", "9000");
        let mut control = Steady::default();
        let mut channel = Channel::new(&mut card, &mut control, 2);
        assert_eq!(channel.exchange(&command(300, Expect::Long)).unwrap().data.len(), 400);
        channel.exchange(&command(1, Expect::Short)).unwrap();
        card.assert_finished();
    }

    #[test]
    fn a_card_or_reader_that_cannot_do_it_after_all_gets_short_commands_from_then_on() {
        for refusal in [
            Ok("6700"),
            Ok("6E00"),
            Ok("6883"),
            Ok("6C00"),
            Ok("6D00"),
            Ok("6A86"),
            Ok("6F00"),
            // Four bytes are announced, one arrives.
            Ok("5304 AA 9000"),
            Ok("9000"),
            Ok("90"),
            Err(Error::Line("NotTransacted".into())),
        ] {
            let card = Script::extended();
            let card = match refusal {
                Ok(reply) => card.on("0087079A0000…", reply),
                Err(error) => card.fail("0087079A0000…", error),
            };
            let mut card = card.on("0087079A01AB00", "9000").on("1087…", "9000").on("0087…", "9000");
            let mut control = Steady::default();
            let mut channel = Channel::new(&mut card, &mut control, 2);
            channel.exchange(&command(1, Expect::Long)).unwrap();
            channel.exchange(&command(300, Expect::Long)).unwrap();
            card.assert_finished();
        }
    }

    #[test]
    fn a_removed_card_is_not_taken_for_one_without_extended_length() {
        let mut card = Script::extended().fail("00…", Error::CardRemoved);
        assert_eq!(exchange(&mut card, &command(300, Expect::Long)).err(), Some(Error::CardRemoved));
        card.assert_finished();
    }

    #[test]
    fn a_t0_card_gets_no_le_behind_data_and_a_zero_where_there_is_neither() {
        let mut card = Script::extended()
            .over(Protocol::T0)
            .on("0087079A01AB", "6101")
            .on("00C0000001", "FF 9000")
            .on("0087079A00", "9000")
            .on("0087079A00", "9000");
        let mut control = Steady::default();
        let mut channel = Channel::new(&mut card, &mut control, 3);
        assert_eq!(channel.exchange(&command(1, Expect::Long)).unwrap().data, [0xFF]);
        channel.exchange(&command(0, Expect::Nothing)).unwrap();
        channel.exchange(&command(0, Expect::Short)).unwrap();
        card.assert_finished();
    }

    #[test]
    fn what_must_not_be_repeated_is_sent_once_whatever_the_card_says() {
        for status in ["6C08", "6700", "6108"] {
            let mut card = Script::extended().on("0087079A01AB", status);
            let mut control = Steady::default();
            let mut channel = Channel::new(&mut card, &mut control, 1);
            channel.exchange_once(&command(1, Expect::Nothing)).unwrap();
            card.assert_finished();
        }
    }

    #[test]
    fn replies_that_are_too_short_or_too_long_are_errors() {
        for reply in ["", "90"] {
            let mut card = Script::new().on("00…", reply);
            assert!(matches!(exchange(&mut card, &command(0, Expect::Short)), Err(Error::Malformed(_))));
        }
        let mut card = Script::new().on("00…", &"00".repeat(259));
        assert!(matches!(exchange(&mut card, &command(0, Expect::Short)), Err(Error::Malformed(_))));
    }

    proptest! {
        #[test]
        fn no_reply_makes_the_channel_panic(replies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..8)) {
            struct Wild(Vec<Vec<u8>>);
            impl Card for Wild {
                fn atr(&self) -> &[u8] {
                    &[]
                }
                fn protocol(&self) -> Protocol {
                    Protocol::T1
                }
                fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
                    self.0.pop().ok_or(Error::CardRemoved)
                }
            }
            let mut control = Steady::default();
            let _ = Channel::new(&mut Wild(replies), &mut control, 1).exchange(&command(300, Expect::Long));
        }
    }
}
