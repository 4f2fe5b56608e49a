//! The words by which headings are recognised, in many languages and spellings.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What a heading says that its column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A phone number, said plainly.
    Phone,
    /// Maybe a phone number: "Number" may also be a running number. The values must agree.
    PhoneMaybe,
    /// The whole name; or the family name beside a first name, as in "Nom, Prénom".
    Name,
    /// The whole name, said plainly.
    FullName,
    /// The given name.
    FirstName,
    /// Between the given and the family name.
    MiddleName,
    /// The family name.
    LastName,
    /// An e-mail address.
    Email,
    /// Tags or groups.
    Tags,
    /// An IANA time zone.
    Timezone,
}

/// Headings in full; folding (see [`fold`]) makes spellings alike. Languages of the markets of the product first.
const WORDS: &[(Field, &str)] = &[
    (
        Field::Phone,
        "phone|phones|phone number|phone numbers|phone no|phone num|phone nr|phonenumber|phoneno|phone 1|phone1|primary phone|\
         mobile|mobile number|mobile no|mobile phone|mobile num|mobilenumber|mobileno|mobilephone|mobile phone number|\
         cell|cell phone|cell phone number|cellphone|cell number|cell no|msisdn|gsm|gsm number|gsm no|sms|sms number|\
         tel|tel no|tel nr|tel number|telephone|telephone number|telephone no|telno|telnumber|phone mobile|\
         whatsapp|whatsapp number|whatsapp no|whatsapp phone|whats app|wa|wa number|no wa|nomor wa|nomor whatsapp|no whatsapp|\
         hp|no hp|nohp|nomor hp|handphone|no handphone|nomor handphone|telepon|no telepon|nomor telepon|telpon|no telpon|telp|\
         no telp|nomor telp|no tlp|tlp|nomor ponsel|ponsel|no telefon|nombor telefon|nombor telefon bimbit|\
         simu|nambari ya simu|namba ya simu|nambari za simu|simu ya mkononi|rununu|\
         foonu|nomba foonu|waya|lambar waya|ekwenti|nomba ekwenti|taleefan|taleefoon|telefoonnommer|selfoon|selfoonnommer|\
         ucingo|inombolo yocingo|inombolo yefoni|ስልክ|ስልክ ቁጥር|\
         telefono|telefono movil|numero de telefono|n de telefono|no de telefono|movil|numero movil|numero de movil|celular|\
         numero celular|numero de celular|telefono celular|telefone|telefone celular|numero de telefone|n de telefone|telemovel|\
         telephone portable|tel portable|portable|mobile portable|numero de telephone|numero telephone|num telephone|num tel|\
         numero tel|n tel|n de telephone|no de telephone|numero de portable|numero whatsapp|\
         telefon|telefonnummer|telefonnr|telefon nr|tel nummer|handy|handynummer|handynr|mobil|mobilnummer|mobiltelefon|rufnummer|\
         telefoon|telefoonnummer|telefoonnr|mobiel|mobiele nummer|mobiel nummer|gsm nummer|cellulare|numero di telefono|\
         numero di cellulare|numero cellulare|mobilnr|tlf|tlf nr|puhelin|puhelinnumero|matkapuhelin|\
         telefon numarasi|telefon no|cep|cep telefonu|cep tel|cep no|cep numarasi|numer telefonu|nr telefonu|nr tel|komorka|\
         telefonni cislo|telefonne cislo|telefonszam|mobilszam|numar de telefon|numar telefon|nr telefon|broj telefona|mobitel|\
         τηλεφωνο|κινητο|κινητο τηλεφωνο|телефон|номер телефона|номер телефону|мобильный|мобильный телефон|мобилен|моб|тел|\
         телефонен номер|الهاتف|هاتف|رقم الهاتف|جوال|الجوال|رقم الجوال|موبايل|رقم الموبايل|رقم التليفون|تليفون|واتساب|\
         تلفن|شماره تلفن|موبایل|شماره موبایل|فون نمبر|موبائل نمبر|טלפון|נייד|מספר טלפון|\
         फोन|फोन नंबर|मोबाइल|मोबाइल नंबर|मोबाईल नंबर|दूरभाष|ফোন|ফোন নম্বর|মোবাইল|মোবাইল নম্বর|தொலைபேசி|கைபேசி|ఫోన్|\
         so dien thoai|dien thoai|sdt|di dong|so di dong|เบอร์โทร|เบอร์โทรศัพท์|โทรศัพท์|เบอร์มือถือ|numero ng telepono|\
         电话|电话号码|手机|手机号|手机号码|联系电话|電話|電話號碼|手機|手機號碼|電話番号|携帯|携帯電話|携帯番号|携帯電話番号|\
         전화|전화번호|휴대폰|휴대폰번호|휴대전화|핸드폰|핸드폰번호|연락처",
    ),
    (
        Field::PhoneMaybe,
        "number|numbers|numero|nomor|nomer|nombor|nummer|numer|no|nr|nambari|namba|nomba|contact|contacts|contact number|\
         contact no|contact num|contact phone|kontak|contacto|kontakt|to|recipient|recipients|destination|receiver|номер|رقم|\
         رقم الاتصال|شماره|संपर्क|নম্বর|号码|番号|번호|เบอร์",
    ),
    (
        Field::Name,
        "name|names|nama|jina|majina|nombre|nom|nome|naam|namn|navn|nimi|isim|nazwa|jmeno|nev|nume|ime|имя|име|ім я|الاسم|اسم|\
         نام|שם|नाम|নাম|பெயர்|పేరు|ten|ชื่อ|名字|名前|お名前|이름|oruko|suna|aha|ስም|igama|magaca|pangalan|ονομα|\
         customer|client|member|student|contact person|recipient name|subscriber|guest|patient|employee|pelanggan|cliente|kunde",
    ),
    (
        Field::FullName,
        "full name|fullname|contact name|customer name|client name|member name|student name|display name|person name|\
         guest name|patient name|employee name|subscriber name|complete name|nama lengkap|nama pelanggan|nama penuh|jina kamili|\
         jina la mteja|nombre completo|nombre y apellido|nombre y apellidos|nombres y apellidos|nom complet|nom et prenom|\
         nom et prenoms|nom prenom|nom prenoms|prenom et nom|nome completo|nome e cognome|nome e sobrenome|vollstandiger name|\
         vor und nachname|volledige naam|fullstandigt namn|fullt navn|fulde navn|koko nimi|ad soyad|adi soyadi|imie i nazwisko|\
         nazwisko i imie|jmeno a prijmeni|teljes nev|nume complet|nume si prenume|ime i prezime|фио|ф и о|полное имя|\
         имя и фамилия|фамилия имя отчество|піб|الاسم الكامل|نام و نام خانوادگی|שם מלא|पूरा नाम|ho ten|ho va ten|\
         ชื่อ นามสกุล|姓名|氏名|성명|ονοματεπωνυμο|oruko kikun|cikakken suna|ሙሉ ስም|igama eliphelele|volle naam",
    ),
    (
        Field::FirstName,
        "first name|firstname|first|fname|given name|given names|givenname|forename|christian name|nama depan|jina la kwanza|\
         primer nombre|nombres|prenom|prenoms|primeiro nome|vorname|voornaam|fornamn|fornavn|etunimi|ad|adi|imie|krestni jmeno|\
         keresztnev|prenume|الاسم الاول|الاسم الأول|שם פרטי|पहला नाम|ho dem|名",
    ),
    (
        Field::MiddleName,
        "middle name|middlename|middle|mname|second name|jina la kati|other names|отчество|segundo nombre",
    ),
    (
        Field::LastName,
        "last name|lastname|last|lname|surname|family name|familyname|sur name|nama belakang|nama keluarga|jina la mwisho|\
         jina la ukoo|apellido|apellidos|nom de famille|sobrenome|apelido|nachname|familienname|zuname|achternaam|familienaam|\
         efternamn|etternavn|efternavn|sukunimi|soyad|soyadi|nazwisko|prijmeni|vezeteknev|nume de familie|cognome|prezime|\
         фамилия|прізвище|اسم العائلة|اللقب|نام خانوادگی|שם משפחה|उपनाम|कुलनाम|姓|苗字|επωνυμο",
    ),
    (
        Field::Email,
        "email|emails|e mail|mail|email address|e mail address|emailaddress|mail address|email id|emailid|primary email|email 1|\
         work email|correo|correo electronico|email correo|courriel|adresse email|adresse e mail|adresse mail|adresse electronique|\
         adresse courriel|mel|endereco de email|e posta|eposta|e posta adresi|epost|e post|e postadress|sahkoposti|\
         posta elettronica|indirizzo email|e mail adresse|email adresse|e mailadres|emailadres|surel|alamat email|alamat surel|\
         emel|barua pepe|anwani ya barua pepe|adres e mail|adres email|почта|электронная почта|эл почта|електронна пошта|\
         имейл|البريد الالكتروني|البريد الإلكتروني|بريد الكتروني|بريد|ايميل|ایمیل|אימייל|דוא ל|ईमेल|ই মেইল|ইমেইল|\
         thu dien tu|อีเมล|อีเมล์|邮箱|电子邮件|电子邮箱|邮件|電子郵件|メール|メールアドレス|이메일|imeli|imel|ኢሜይል|i imeyili",
    ),
    (
        Field::Tags,
        "tag|tags|label|labels|group|groups|group name|list|lists|segment|segments|audience|kundi|vikundi|kikundi|grupo|grupos|\
         etiqueta|etiquetas|etiquette|etiquettes|groupe|groupes|gruppe|gruppen|grup|kelompok|groep|groepen|gruppo|gruppi|grupa|\
         группа|группы|теги|тег|مجموعة|المجموعة|समूह|nhom|กลุ่ม|组|标签|グループ|타그|그룹",
    ),
    (
        Field::Timezone,
        "timezone|time zone|tz|zona horaria|fuseau horaire|fuso horario|zeitzone|zona waktu|saa za eneo|tijdzone|fuso orario|\
         saat dilimi|часовой пояс|المنطقة الزمنية|时区|タイムゾーン",
    ),
];

/// Words that make a longer heading one of a phone number ("Customer's mobile (main)").
const PHONE_TOKENS: &str = "phone|phonenumber|mobile|cell|cellphone|msisdn|telephone|tel|whatsapp|hp|handphone|telepon|telp|\
    telpon|simu|telefono|telefone|telefon|celular|movil|telemovel|handy|handynummer|telefonnummer|mobilnummer|gsm|cellulare|\
    telefoonnummer|foonu|waya|ponsel|rununu|телефон|телефона|هاتف|الهاتف|جوال|الجوال|موبايل|手机|电话|電話|전화|फोन|मोबाइल";

/// Words beside which those do not mean a number.
const NOT_A_NUMBER: &str = "name|type|model|owner|network|operator|carrier|provider|brand|country|code|plan|verified|status|fax|\
    email|mail|date|time|bill|cost|balance|consent|opt|optin|id|count|extension|ext|make|os|usage";

static KNOWN: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (field, words) in WORDS {
        for word in words.split('|') {
            known.entry(fold(word)).or_insert(*field);
        }
    }
    known
});
static PHONES: LazyLock<Vec<String>> = LazyLock::new(|| PHONE_TOKENS.split('|').map(fold).collect());
static OTHERS: LazyLock<Vec<String>> = LazyLock::new(|| NOT_A_NUMBER.split('|').map(fold).collect());

/// What a heading says; None if it says nothing that is known. The second value is higher for plainer words.
pub(crate) fn recognise(heading: &str) -> Option<(Field, u8)> {
    if heading.chars().count() > 60 {
        return None;
    }
    let folded = fold(heading);
    if let Some(field) = KNOWN.get(&folded) {
        return Some((*field, if *field == Field::PhoneMaybe { 1 } else { 3 }));
    }
    let has = |words: &[String]| folded.split(' ').any(|token| words.iter().any(|word| word == token));
    if has(&PHONES) && !has(&OTHERS) {
        return Some((Field::Phone, 2));
    }
    let mail = folded.split(' ').any(|token| token == "email") || format!(" {folded} ").contains(" e mail ");
    mail.then_some((Field::Email, 2))
}

/// Lower case, without accents and marks, words apart by one blank: "N° de Téléphone*" is "n de telephone", and
/// "phone_number", "phoneNumber" and "Phone-Number" are all "phone number".
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut after_lower = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if !c.is_alphanumeric() {
            if !folded.is_empty() && !folded.ends_with(' ') && !matches!(c, '°' | 'º' | '\'' | '’' | 'ـ') {
                folded.push(' ');
            }
            after_lower = false;
            continue;
        }
        if after_lower && c.is_uppercase() {
            folded.push(' ');
        }
        after_lower = c.is_lowercase();
        match c {
            'ı' | 'I' | 'İ' => folded.push('i'),
            'ł' | 'Ł' => folded.push('l'),
            'ø' | 'Ø' => folded.push('o'),
            'đ' | 'Đ' => folded.push('d'),
            'ß' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_folded() {
        for (heading, folded) in [
            ("  N° de Téléphone * ", "n de telephone"),
            ("phone_number", "phone number"),
            ("phoneNumber", "phone number"),
            ("E-Mail", "e mail"),
            ("PHONE", "phone"),
            ("Adı Soyadı", "adi soyadi"),
            ("Số điện thoại", "so dien thoai"),
        ] {
            assert_eq!(fold(heading), folded, "{heading}");
        }
    }

    #[test]
    fn headings_in_many_languages() {
        for heading in [
            "Phone",
            "Mobile No.",
            "MSISDN",
            "WhatsApp",
            "Nomor HP",
            "No. Telepon",
            "Simu",
            "Teléfono móvil",
            "Téléphone",
            "Celular",
            "Telefonnummer",
            "Номер телефона",
            "رقم الهاتف",
            "手机号",
            "電話番号",
            "전화번호",
            "Cep Telefonu",
            "Số điện thoại",
            "फ़ोन",
            "เบอร์โทร",
            "ስልክ ቁጥር",
            "Τηλέφωνο",
            "Foonu",
            "telefoonnummer",
            "Customer's mobile (main)",
        ] {
            assert_eq!(recognise(heading).map(|(field, _)| field), Some(Field::Phone), "{heading}");
        }
        for (heading, field) in [
            ("Nama Lengkap", Field::FullName),
            ("Prénom", Field::FirstName),
            ("SURNAME", Field::LastName),
            ("Correo electrónico", Field::Email),
            ("Barua Pepe", Field::Email),
            ("Customer E-mail (work)", Field::Email),
            ("Group", Field::Tags),
            ("Time Zone", Field::Timezone),
            ("Number", Field::PhoneMaybe),
        ] {
            assert_eq!(recognise(heading).map(|(field, _)| field), Some(field), "{heading}");
        }
        for heading in ["City", "Phone type", "Fax", "Balance", "Account", "", "Telemetry", "Mail code phone"] {
            assert_eq!(recognise(heading), None, "{heading}");
        }
    }
}
