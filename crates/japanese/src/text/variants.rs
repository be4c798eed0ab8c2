//! Characters that names are written with in more than one way. The page does not need them: they are compiled in
//! only where names are compared.

/// Pairs of a variant (旧字体, 異体字) and the form it is compared as, sorted by the variant's code point.
const VARIANTS: &str = "乘乗亂乱亞亜仝同佛仏來来俱倶倂併假仮傳伝僞偽價価儉倹儘侭兎兔兒児兩両册冊冝宜冨富凜凛凾函剝剥剩剰 \
     劍剣劑剤劒剣劔剣勞労勳勲勵励勸勧區区卷巻卽即參参叄参吳呉單単噓嘘嚙噛嚴厳囑嘱囘回圈圏國国圍囲圓円 \
     圖図團団圡土埜野堯尭塡填增増墮堕壓圧壘塁壞壊壤壌壯壮壹壱壺壷壽寿奧奥奬奨姬姫孃嬢學学寢寝實実寫写 \
     寬寛寳宝寶宝將将專専對対尓爾屆届屛屏屬属峯峰峽峡嵓巌嵜崎嶋島嶌島嶽岳巖巌帶帯廐厩廢廃廣広廳庁彈弾 \
     彌弥彥彦徑径從従德徳恆恒恊協悅悦惠恵惡悪惱悩愼慎慘惨應応懷懐戀恋戰戦戲戯戶戸拂払拔抜拜拝挾挟插挿 \
     搔掻搖揺搜捜擇択擊撃擔担據拠擧挙擴拡攝摂攪撹收収效効敍叙敕勅數数斉斎斷断旣既晉晋晝昼晧皓曆暦曉暁 \
     曾曽會会杦杉枩松栁柳桒桑桝枡桺柳條条梹檳棧桟棲栖榮栄槇槙槗橋槪概樂楽樓楼樞枢樣様橫横檜桧檢検檮梼 \
     櫻桜權権歐欧歡歓步歩歷歴歸帰殘残殼殻毆殴每毎氣気沒没泻潟淚涙淨浄淵渕淸清淺浅渊渕渴渇溪渓溫温滯滞 \
     滿満潑溌潛潜澁渋澤沢濕湿濟済濤涛濱浜濵浜瀧滝瀨瀬灌潅灣湾烟煙煕熙熈熙燈灯燒焼營営爐炉爭争爲為犧犠 \
     狹狭獨独獵猟獸獣獻献瑤瑶瓣弁甁瓶畄留畧略畫画當当疊畳瘦痩癡痴發発皐皋盜盗盡尽眞真砿鉱硏研碎砕碕崎 \
     礪砺祕秘祿禄禪禅禮礼禱祷稅税稱称稻稲穗穂穩穏穰穣竈竃竊窃竝並簷檐籐藤籠篭粹粋絲糸經経綠緑緖緒緣縁 \
     縣県縱縦總総繩縄繪絵繼継續続纖繊缺欠罐缶翆翠聯連聰聡聲声聽聴肅粛肆四腦脳膽胆臟臓臺台與与舊旧舍舎 \
     舘館舩船艷艶苅刈莊荘莓苺莖茎菟兔萊莱萠萌萬万蔣蒋薰薫藏蔵藝芸藥薬藪薮蘒萩處処號号螢蛍蟬蝉蟲虫蠟蝋 \
     蠣蛎蠶蚕蠻蛮衞衛裝装覺覚覽覧觀観觸触諫諌謠謡證証譯訳譽誉讀読讃賛變変讓譲讚賛豐豊豫予貳弐賣売賴頼 \
     贊賛踐践軀躯輌両輕軽輛両轉転辨弁辭辞辯弁迠辻迩邇逹達遙遥遞逓遲遅邉辺邊辺邨村郞郎鄕郷鄰隣醉酔醫医 \
     醬醤釀醸釋釈鈩鑪錄録錢銭鎭鎮鐵鉄鑄鋳鑛鉱閒間閱閲關関陷陥隨随險険隱隠隸隷隺鶴雙双雜雑雞鶏霸覇靈霊 \
     靍鶴靏鶴靑青靜静靭靱頰頬頴穎頸頚顏顔顯顕颱台飜翻飮飲餘余餠餅騷騒驅駆驗験驛駅髓髄體体髙高髮髪鬪闘 \
     鰺鯵鶯鴬鷄鶏鷗鴎鸖鶴鹽塩麥麦麵麺黑黒默黙點点黨党齊斎齋斎齒歯齡齢龍竜龜亀﨑崎𠮷吉𡈽土";

/// The form a kanji is compared as.
pub(super) fn kanji(c: char) -> char {
    static TABLE: std::sync::LazyLock<Vec<(char, char)>> = std::sync::LazyLock::new(|| {
        let mut characters = VARIANTS.chars().filter(|c| *c != ' ');
        let pairs = std::iter::from_fn(|| Some((characters.next()?, characters.next()?)));
        pairs.collect()
    });
    TABLE.binary_search_by_key(&c, |(variant, _)| *variant).map_or(c, |at| TABLE[at].1)
}

/// Full-size kana, and katakana that look like a kanji or hiragana replaced by it: nobody copying a name tells ニ
/// from 二.
pub(super) fn kana(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' | 'エ' => '工',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' | 'カ' => '力',
        'ヶ' => 'ケ',
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        'ニ' => '二',
        'ハ' => '八',
        'ロ' => '口',
        'タ' => '夕',
        'ト' => '卜',
        'ヘ' => 'へ',
        'ベ' => 'べ',
        'ペ' => 'ぺ',
        'リ' => 'り',
        // A Mac's wave dash is Windows' full-width tilde, which NFKC turns into `~`.
        '\u{301C}' | '\u{223C}' | '\u{223E}' => '~',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_folds_to_what_stays() {
        let characters: Vec<char> = VARIANTS.chars().filter(|c| *c != ' ').collect();
        assert_eq!(characters.len() % 2, 0);
        let variants: Vec<char> = characters.iter().copied().step_by(2).collect();
        assert!(variants.windows(2).all(|pair| pair[0] < pair[1]));
        for pair in characters.chunks(2) {
            assert_eq!(kanji(kanji(pair[0])), pair[1]);
        }
    }
}
