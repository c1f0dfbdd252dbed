//! Honest examples: what servers, files and people really give.

const RECORDED: [&str; 3] = [
    include_str!("../../../src-tauri/supabase/tests/recorded/postgrest-12.tsv"),
    include_str!("../../../src-tauri/supabase/tests/recorded/postgrest-14.tsv"),
    include_str!("../../../src-tauri/supabase/tests/recorded/postgrest-16.tsv"),
];

const SESSION: &str = r#"{"id":"0198b2de-0000-7000-8000-000000000001","session_number":"REG-1-000042","register_id":"00000000-0000-4000-8000-000000001001","location_id":"00000000-0000-4000-8000-0000000000b1","vendor_id":"00000000-0000-4000-8000-0000000000a1","user_id":"00000000-0000-4000-8000-0000000000c1","status":"open","opening_cash":200.00,"total_sales":"512.35","total_transactions":31,"total_cash":480.10,"total_card":32.25,"walk_in_sales":0,"pickup_orders_fulfilled":0,"opened_at":"2025-11-14T03:12:45.12+00:00","last_transaction_at":null}"#;
const LOOK: &str = r#"{"unchanged":false,"server_time":"2026-01-01T00:00:00+00:00","session":{"id":"0198b2de-0000-7000-8000-000000000001","session_number":"1","revision":7,"register_id":"00000000-0000-4000-8000-000000001001","location_id":"00000000-0000-4000-8000-0000000000b1","vendor_id":"00000000-0000-4000-8000-0000000000a1","opener_id":null,"opener_name":" ","status":"ended","opening_cash":"200.00","opened_at":"2025-11-14T03:12:45Z","business_date":"2025-11-14","participants":2,"counting":null,"closed_at":"2025-11-14T12:00:00.000001+00:00","ended_by_name":"Mia","close_kind":"force","totals":{"total_sales":"1.10","total_transactions":1,"total_cash":"1.10","total_card":"0.00"},"expected_cash":null}}"#;
const WHOAMI: &str = r#"{"user_id":"00000000-0000-4000-8000-0000000000c1","vendor_id":"00000000-0000-4000-8000-0000000000a1","vendor_name":"Café","display_name":"Zoë","role":"manager","locations":[{"id":"00000000-0000-4000-8000-0000000000b1","name":"Main Street","timezone":"Europe/Paris","currency":"EUR","business_day_cutoff":"04:00"}]}"#;
const REGISTERS: &str = r#"{"location_id":"00000000-0000-4000-8000-0000000000b1","registers":[{"id":"00000000-0000-4000-8000-000000001001","register_number":"1","register_name":"Front","status":"active","suggested_opening_cash":150.5,"open_session":null}]}"#;
const MOVEMENT: &str = r#"{"id":"00000000-0000-4000-8000-0000000000e1","session_id":"0198b2de-0000-7000-8000-000000000001","kind":"pay_in","amount":"12.34","reason":"change","note":null,"reference":null,"reverses":null,"by_name":"Zoë","recorded_at":"2025-11-14T04:00:00+00:00"}"#;
const BOARD: &str = r#"{"business_date":"2026-11-23","server_time":"2026-11-23T18:00:00Z","registers":[{"id":"00000000-0000-4000-8000-000000001001","register_number":"1","register_name":"Front","status":"active","open_session":null,"uncounted":[],"last_close":{"session_id":"0198b2de-0000-7000-8000-000000000001","z_number":7,"closed_at":"2026-11-23T18:06:00Z","cash_difference":"-1.00"}}]}"#;
const COUNT: &str = r#"{"count":{"id":"00000000-0000-4000-8000-0000000000d1","session_id":"0198b2de-0000-7000-8000-000000000001","kind":"closing","amount":"200.00","by_name":"Ana","counted_at":"2026-11-23T18:00:00Z","approved_by_name":"Mia","expected_cash":"212.34","cash_difference":"-12.34","needs":"approval"}}"#;
const SHEET: &str = r#"{"session_id":"0198b2de-0000-7000-8000-000000000001","session_number":"M1-42","register_id":"00000000-0000-4000-8000-000000001001","register_number":"M1","register_name":"Front","location_name":"Main Street","timezone":"Europe/Berlin","currency":"EUR","vendor_name":"Café","business_date":"2026-11-23","opened_at":"2026-11-23T07:00:00Z","opener_name":"Ana","opening_cash":"200.00","totals":{"total_sales":"80.10","total_transactions":3,"total_cash":"50.10","total_card":"30.00"},"movements":[{"type":"paid_in","count":2,"amount":"12.00","effect":"12.00"},{"type":"pay_out","count":1,"amount":"5.00","effect":"-5.00"}],"participants":[{"name":"Ben","joined_at":"2026-11-23T08:00:00Z"}],"counts":[{"kind":"closing","amount":"260.00","by_name":"Ana","counted_at":"2026-11-23T18:00:00Z","approved_by_name":null}],"status":"open","server_time":"2026-11-23T09:00:00Z","z_number":7,"closed_at":"2026-11-23T18:06:00Z","closed_by_name":"Ana","ended_at":null,"ended_by_name":"Ana","end_reason":null,"close_kind":"normal","was_counted":true,"expected_cash":"262.10","counted_cash":"261.10","cash_difference":"-1.00","reason":" ","approved_by_name":"Mia","left_in_drawer":"200.00","taken_out":"61.10"}"#;
const TILL: &str = r#"{"till":2,"letter":"B","prefix":"REG-1-B","last_receipt":41,"last_chain_seq":60,"last_hash":"0909090909090909090909090909090909090909090909090909090909090909"}"#;
const SALE: &str = r#"{"server_time":"2026-11-30T10:00:00Z","sale":{"id":"0198b2de-0000-7000-8000-000000000001","session_id":"0198b2de-0000-7000-8000-000000000002","kind":"sale","original_id":null,"till":2,"receipt_number":"R1-B-000042","receipt":{"till":2,"seq":42,"number":"R1-B-000042","chain_seq":60,"prev_hash":"0909090909090909090909090909090909090909090909090909090909090909","hash":"0808080808080808080808080808080808080808080808080808080808080808"},"currency":"USD","prices_include_tax":false,"gross":"10.00","discount":"0.00","net":"10.00","tax":"0.73","total":"10.73","cash_rounding":"0.00","net_cash":"10.73","net_card":"0.00","net_other":"0.00","line_count":1,"reason":null,"note":null,"approval_id":null,"age_checked":false,"device_time":null,"business_date":"2026-11-30","recorded_at":"2026-11-30T09:00:00Z","recorded_by":null,"by_name":"Ana","sent_by_name":null,"late":false,"flags":["over_limit"],"voided":false,"lines":[{"no":1,"item_id":null,"name":"Bread","code":null,"unit":null,"quantity":"2","unit_price":"5.00","gross":"10.00","discount":"0.00","cart_discount":"0.00","net":"10.00","tax_code":"A","original_line":null,"list_price":null,"discount_reason":null}],"taxes":[{"tax_code":"A","component":"State","rate":"0.0725","base":"10.00","tax":"0.73"}],"tenders":[{"no":1,"kind":"cash","label":null,"amount":"10.73","tendered":"20.00","change":"9.27","reference":null}]},"refundable":{"lines":[{"no":1,"quantity":"1","net":"5.00"}],"taxes":[{"tax_code":"A","component":"State","base":"5.00","tax":"0.36"}],"tenders":[]},"refunds":[{"id":"0198b2de-0000-7000-8000-000000000003","receipt_number":"R1-A-000007","kind":"refund","original_id":"0198b2de-0000-7000-8000-000000000001","total":"5.37","tenders":[{"kind":"cash","amount":"5.37"}],"by_name":"Ben","recorded_at":"2026-11-30T09:30:00Z","device_time":"2026-11-30T09:29:59.5Z","late":false,"flags":[]}]}"#;
const CATALOGUE: &str = r#"{"location_id":"00000000-0000-4000-8000-0000000000b1","cursor":9,"more":false,"items":[{"id":"0198b2de-0000-7000-8000-000000000050","name":"Tea","short_name":null,"sku":"T1","unit":null,"price":"3.50","price_is_open":false,"tax_code":"A","category":"Hot","age_limit":null,"version":7,"codes":[{"code":"4006381333931","factor":"1"},{"code":"C6","factor":"6"},{"code":"BAD","factor":"1000000"}]}],"removed":[],"taxes":[{"code":"A","name":"VAT","components":[{"name":"S","rate":"0.0475"},{"name":"C","rate":0.025}],"valid_from":"2020-01-01"}],"quick_keys":[{"page":1,"place":2,"item_id":"0198b2de-0000-7000-8000-000000000050","label":null,"colour":"red"}],"rules":{"selling_on":true,"country":"US","fiscal":"off","needs_certificate":false,"currency":"USD","prices_include_tax":false,"cash_step":null,"cash_half":"up","discount_percent_limit":"10.00","sale_limit":null,"refund_limit":"50.00","void_limit":"50.00","price_override":false,"no_receipt_refund":true,"other_tenders":["Voucher"],"receipt_header":null,"receipt_footer":"Thank you","code_rules":[]}}"#;
const TOKENS: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln","token_type":"bearer","expires_in":3600,"expires_at":1763093565,"refresh_token":"v1a2b3c4d5","user":{"id":"00000000-0000-4000-8000-0000000000c1"}}"#;

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Every recorded refusal, and what is not from the database at all.
pub(crate) fn refusals() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for line in RECORDED.iter().flat_map(|lines| lines.lines()) {
        if let [_name, status, kind, retry_after, body] = line.split('\t').collect::<Vec<_>>()[..] {
            seeds.push(format!("{status}\t{kind}\t\t{retry_after}\n{body}").into_bytes());
        }
    }
    seeds.extend(bytes(&[
        "503\ttext/html\t\t5\n<!doctype html><title>520: Web server is returning an unknown error</title>",
        "200\ttext/html\n<html>Please accept our terms</html>",
        "401\tapplication/json\n{\"message\":\"Invalid API key\"}",
        "409\tapplication/json\n{\"code\":\"POS_REGISTER_RETIRED\",\"message\":\"m\",\"details\":null,\"hint\":null}",
        "540\n",
    ]));
    seeds
}

/// Auth's refusals in its newer and older forms.
pub(crate) fn auth_refusals() -> Vec<Vec<u8>> {
    bytes(&[
        "400\tapplication/json\n{\"code\":\"invalid_credentials\",\"message\":\"Invalid login credentials\"}",
        "400\tapplication/json\n{\"code\":400,\"error_code\":\"refresh_token_not_found\",\"msg\":\"Invalid Refresh Token\"}",
        "400\tapplication/json\n{\"error\":\"invalid_grant\",\"error_description\":\"Invalid login credentials\"}",
        "429\tapplication/json\t\t7\n{\"code\":\"over_request_rate_limit\",\"message\":\"slow down\"}",
        "500\tapplication/json\t\t\t\tunexpected_failure\n{}",
        "200\tapplication/json\n{\"version\":\"v2.197.0\",\"name\":\"GoTrue\"}",
    ])
}

/// One of each success.
pub(crate) fn successes() -> Vec<Vec<u8>> {
    let bodies = [
        SESSION.to_owned(),
        format!("[{SESSION}]"),
        LOOK.to_owned(),
        WHOAMI.to_owned(),
        REGISTERS.to_owned(),
        format!("{{\"movement\":{MOVEMENT},\"revision\":8}}"),
        format!("{{\"movements\":[{MOVEMENT}]}}"),
        SHEET.to_owned(),
        COUNT.to_owned(),
        format!(
            "{{\"outcome\":\"closed\",\"session_id\":\"0198b2de-0000-7000-8000-000000000001\",\"z_report\":{SHEET}}}"
        ),
        LOOK.replace("\"unchanged\":false", "\"outcome\":\"ended\""),
        BOARD.to_owned(),
        format!("{{\"business_date\":\"2026-11-23\",\"z_reports\":[{SHEET}],\"uncounted\":[],\"open\":[]}}"),
        TOKENS.to_owned(),
        TILL.to_owned(),
        CATALOGUE.to_owned(),
        SALE.to_owned(),
        ITEMS.to_owned(),
        format!("{{\"outcome\":\"saved\",\"item\":{ITEM}}}"),
        "{\"outcome\":\"saved\",\"saved\":2,\"refused\":[{\"no\":3,\"code\":\"POS_CODE_TAKEN\",\"message\":\"x\"}]}".to_owned(),
        "[{\"vendor_id\":null,\"first_name\":\"Mina\",\"last_name\":\"Field\",\"role\":\"manager\"}]"
            .to_owned(),
    ];
    bodies.iter().map(|body| format!("200\tapplication/json\tcreated\n{body}").into_bytes()).collect()
}

pub(crate) fn money() -> Vec<Vec<u8>> {
    bytes(&["200.00", "\"200.00\"", "-0.10", "0", "\"12345678901234567890.12345678\"", "null"])
}

pub(crate) fn dates() -> Vec<Vec<u8>> {
    bytes(&[
        "Mon, 23 Nov 2026 18:02:30 GMT",
        "Fri, 31 Dec 9999 23:59:60 GMT",
        "Thu, 1 Jan 1970 00:00:00 +0000",
    ])
}

pub(crate) fn configs() -> Vec<Vec<u8>> {
    bytes(&[
        "[supabase]\nurl = \"https://shop.example\"\nkey = \"sb_publishable_abc\"\n",
        "# nothing yet\n",
        "supabase = { url = '''https://x''', key = \"\\u0041\" }",
    ])
}

pub(crate) fn addresses() -> Vec<Vec<u8>> {
    bytes(&[
        "https://shop.supabase.co/rest/v1/\nsb_publishable_abc-DEF\n200.00",
        "http://127.0.0.1:54321\neyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2ln\n0",
        "http://[::1]:8000/api\nsb_secret_abc\n9999999.99",
    ])
}

pub(crate) fn tickets() -> Vec<Vec<u8>> {
    bytes(&[
        "{\"url\":\"https://shop.example\",\"key\":\"sb_publishable_x\",\"location\":\"Main\",\"register\":\"M1\",\"valid_until\":\"2026-12-01T00:00:00Z\"}",
    ])
}

pub(crate) fn database_addresses() -> Vec<Vec<u8>> {
    bytes(&[
        "postgresql://postgres:h%40mster@db.example.com:5432/postgres?sslmode=verify-full&sslrootcert=ca.pem",
        "postgres://u@[::1]:5433/?connect_timeout=3",
        "postgresql://postgres:[YOUR-PASSWORD]@db.example/postgres",
    ])
}

pub(crate) fn logs() -> Vec<Vec<u8>> {
    bytes(&[
        "{\"level\":\"INFO\",\"path\":\"rest/v1/rpc/pos_session\",\"id\":\"0198b2de-0000-7000-8000-000000000001\"}\n",
        "authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln apikey=sb_publishable_abc\n",
    ])
}

const ITEM: &str = r#"{"id":"0198b2de-0000-7000-8000-000000000050","name":"Tea","short_name":null,"sku":"T1","unit":null,"price":"3.50","price_is_open":false,"tax_code":"A","category":"Hot","age_limit":18,"is_active":true,"version":7,"codes":[{"code":"4006381333931","factor":"6"}],"prices":[{"location_id":"0198b2de-0000-7000-8000-0000000000b1","price":"3.00"}]}"#;
const ITEMS: &str = r#"{"location_id":"0198b2de-0000-7000-8000-0000000000b1","items":[{"id":"0198b2de-0000-7000-8000-000000000050","name":"Tea","short_name":null,"sku":"T1","unit":null,"price":"3.50","price_is_open":false,"tax_code":"A","category":"Hot","age_limit":18,"is_active":true,"version":7,"codes":[{"code":"4006381333931","factor":"6"}],"prices":[{"location_id":"0198b2de-0000-7000-8000-0000000000b1","price":"3.00"}]}],"more":true,"cursor":7,"can_save":true,"taxes":[{"code":"A","name":"VAT"}],"server_time":"2026-11-30T10:00:00Z"}"#;
