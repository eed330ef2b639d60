"""Telephone numbers, countries and profiles are written in the one form that is right."""

from __future__ import annotations

import re
import subprocess
import sys

import phonenumbers
import pycountry
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lightfield_api.definitions import FieldDefinition
from lightfield_api.values import ValueConversionError, same_value, write_value

TELEPHONE = FieldDefinition("$phone", "TELEPHONE")
ADDRESS = FieldDefinition("$address", "ADDRESS")
SERVICES = {"TWITTER": "x.com", "LINKEDIN": "linkedin.com", "FACEBOOK": "facebook.com",
            "INSTAGRAM": "instagram.com"}  # fmt: skip
STORED_TELEPHONE = re.compile(
    r"(\+[1-9][0-9]{6,14}|[0-9]{7,15})(;ext=[0-9]{1,7})?"
)  # as the API documents it
COUNTRIES = [dict(country) for country in pycountry.countries]
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def profile(service: str | None) -> FieldDefinition:
    return FieldDefinition("$profile", "SOCIAL_HANDLE", handle_service=service)


def telephone(value: object) -> str:
    [number] = write_value(TELEPHONE, value)
    return number


def country(value: object) -> str:
    return write_value(ADDRESS, {"country": value})["country"]


def refusal(definition: FieldDefinition, value: object) -> str | None:
    """Return why a value is refused, None where it is not."""
    try:
        write_value(definition, value)
    except ValueConversionError as e:
        return str(e)
    return None


class TestTelephones:
    @pytest.mark.parametrize(
        ("value", "number"),
        [
            ("+14155550100", "+14155550100"), ("+1 (415) 555-0100", "+14155550100"),
            ("(+1) 415.555.0100", "+14155550100"), ("tel:+1-415-555-0100", "+14155550100"),
            ("+44 (0)20 7946 0018", "+442079460018"), ("+39 06 698 12345", "+390669812345"),
            ("0044 20 7946 0018", "+442079460018"), ("00 49 40 2000001", "+49402000001"),
            ("\u202a+44\xa020\xa07946\u20110018\u202c", "+442079460018"),
        ],
    )  # fmt: skip
    def test_an_international_number_becomes_e164(self, value, number):
        assert telephone(value) == number

    @pytest.mark.parametrize(
        "value",
        ["+49 30", "+999 1234567", "+1 200 555 0100", "00999 1234567", "+0049 40 2000001",
         "+1234567890123456"],
    )  # fmt: skip
    def test_one_that_is_not_valid_is_refused(self, value):
        assert "a number with + or 00 that is no valid number" in refusal(TELEPHONE, value)

    @pytest.mark.parametrize(
        ("value", "number"),
        [
            ("(415) 555-0100", "+14155550100"), ("1 415 555 0100", "+14155550100"),
            ("613-555-0100", "+16135550100"), (4155550100, "+14155550100"), (14155550100.0, "+14155550100"),
            ("011 44 20 7946 0018", "+442079460018"),  # as one dials it in the US
            ("020 7946 0018", "02079460018"), ("030/123456", "030123456"), ("555 0100", "5550100"),
            ("200 555 0100", "2005550100"), (4915112345678, "4915112345678"),
        ],
    )  # fmt: skip
    def test_a_national_number_is_one_of_the_us_or_its_digits(self, value, number):
        assert telephone(value) == number

    @pytest.mark.parametrize(
        "value",
        ["none", "+", "n/a", "123456", 123456, "1234567890123456", -4155550100, 4155550100.5,
         "-4155550100", "415 555 0100, 415 555 0101", "+1 415 555 0100 +1 415 555 0101",
         "415 555 0100;ext=", "415 555 0100 x12345678", "call 415 555 0100", True, {"x": 1}, "1" * 1000],
    )  # fmt: skip
    def test_what_is_not_one_number_is_refused(self, value):
        assert refusal(TELEPHONE, value)

    @pytest.mark.parametrize(
        "extension",
        ["x100", " x 100", "ext. 100", " EXT 100", ", ext 100", " extension 100", " #100", ";ext=100",
         " extn: 100"],
    )  # fmt: skip
    @pytest.mark.parametrize(
        ("value", "number"),
        [("+1 415 555 0100", "+14155550100"), ("415-555-0100", "+14155550100"), ("030 123456", "030123456")],
    )
    def test_an_extension_stands_after_the_number(self, value, number, extension):
        assert telephone(value + extension) == f"{number};ext=100"

    def test_spellings_of_one_number_are_written_once(self):
        assert write_value(TELEPHONE, ["(415) 555-0100", "+14155550100", 4155550100]) == ["+14155550100"]

    @given(
        st.text("0123456789 ()+-./x#;=ext,", max_size=25)
        | st.from_regex(r"(\+|00|1)?[2-9][0-9]{5,13}", fullmatch=True)
        | st.from_regex(r"\+?[0-9 ()./-]{5,20}( ?x[0-9]{1,5})?", fullmatch=True)
        | st.integers(0, 10**16)
    )
    @example("00 1 415 555 0100")
    def test_what_is_accepted_is_what_the_api_documents_and_stays_as_it_is(self, value):
        for number in [] if refusal(TELEPHONE, value) else write_value(TELEPHONE, value):
            assert STORED_TELEPHONE.fullmatch(number)
            assert telephone(number) == number

    @given(st.sampled_from(REGIONS), st.sampled_from(range(11)))
    def test_every_countrys_numbers_are_accepted(self, region, kind):
        number = phonenumbers.example_number_for_type(region, kind)
        assume(number is not None)
        formats = phonenumbers.PhoneNumberFormat
        e164 = phonenumbers.format_number(number, formats.E164)
        assume(7 <= len(e164) - 1 <= 15)
        for form in (formats.E164, formats.INTERNATIONAL, formats.RFC3966):
            assert telephone(phonenumbers.format_number(number, form)) == e164
        assert telephone("00" + e164[1:]) == e164

    @given(
        st.from_regex(r"(212|415|512)[2-9][02-8][0-9]{5}", fullmatch=True),
        st.integers(0, 9999999) | st.none(),
    )
    def test_national_and_international_spellings_are_the_same_value(self, digits, extension):
        behind = "" if extension is None else f" ext. {extension}"
        stored = f"+1{digits}" + ("" if extension is None else f";ext={extension}")
        area, exchange, line = digits[:3], digits[3:6], digits[6:]
        for spelling in (digits, f"({area}) {exchange}-{line}", f"1-{area}-{exchange}-{line}",
                         f"+1 {area} {exchange} {line}", f"001{digits}"):  # fmt: skip
            assert same_value(TELEPHONE, [spelling + behind], [stored])
        assert not same_value(TELEPHONE, [digits + behind], [stored[:-1] + str((int(stored[-1]) + 1) % 10)])

    @pytest.mark.parametrize(
        "text", ["(" * 100_000, " " * 100_000 + "x", "1" * 100_000 + "y", "+" + "1" * 100_000]
    )
    @pytest.mark.timeout(120)
    def test_a_long_text_is_refused_at_once(self, text):
        assert refusal(TELEPHONE, text)


class TestCountries:
    @given(st.sampled_from(COUNTRIES), st.data())
    def test_every_country_is_known_by_each_of_its_codes_and_names(self, known, draw):
        keys = [key for key in known if "name" in key or key.startswith("alpha_")]
        name = known[draw.draw(st.sampled_from(keys))]
        spell = draw.draw(st.sampled_from([str, str.lower, str.upper, lambda text: f" {text}\n"]))
        assert country(spell(name)) == known["alpha_2"]
        assert same_value(ADDRESS, {"country": spell(name)}, {"country": known["alpha_2"]})

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("UK", "GB"), ("u.k.", "GB"), ("U.S.A.", "US"), ("EL", "GR"), ("UAE", "AE"),
            ("Great Britain", "GB"),
            ("England", "GB"), ("Russia", "RU"), ("Turkey", "TR"), ("turkiye", "TR"),
            ("Czech Republic", "CZ"),
            ("Vietnam", "VN"), ("South Korea", "KR"), ("Republic of Korea", "KR"), ("Ivory Coast", "CI"),
            ("Cote d'Ivoire", "CI"), ("Curacao", "CW"), ("The Netherlands", "NL"),
            ("Trinidad & Tobago", "TT"),
            ("St. Lucia", "LC"), ("Democratic Republic of the Congo", "CD"), ("US Virgin Islands", "VI"),
            ("Kosovo", "XK"), ("Vatican City", "VA"), ("Macau", "MO"),
        ],
    )  # fmt: skip
    def test_other_names_in_wide_use_are_known(self, name, code):
        assert country(name) == code

    @pytest.mark.parametrize("code", ["XK", "xk", "Zz"])
    def test_a_code_that_iso_does_not_know_is_left_to_the_api(self, code):
        assert country(code) == code.upper()

    @pytest.mark.parametrize(
        "value",
        ["U", "U5", "1", 49, "ÄÖ", "ÜS", "ß", "\u017fs", "ZZZ", "Korea", "Virgin Islands", "Deutschland",
         "Germ", "Europe",
         "Germany France", "None"],
    )  # fmt: skip
    def test_what_names_no_country_is_refused_with_what_is_taken(self, value):
        said = refusal(ADDRESS, {"city": "X", "country": value})
        assert said.endswith("country must be an ISO code of two or three letters or an English name")

    @given(st.text() | st.text(max_size=3) | st.from_regex("[A-Za-z. ]{1,5}", fullmatch=True))
    def test_whatever_the_text_it_is_two_letters_or_refused(self, text):
        if not text.strip() or refusal(ADDRESS, {"country": text}):
            return
        assert re.fullmatch("[A-Z]{2}", country(text))
        assert country(country(text)) == country(text)

    def test_the_case_of_a_stored_code_makes_no_difference(self):
        assert same_value(ADDRESS, {"city": "X", "country": "DE"}, {"city": "X", "country": "de"})
        assert not same_value(ADDRESS, {"city": "X", "country": "DE"}, {"city": "X", "country": "AT"})


class TestProfiles:
    @pytest.mark.parametrize(
        ("service", "value", "url"),
        [
            ("TWITTER", "https://x.com/acme", "https://x.com/acme"),
            ("TWITTER", "http://www.twitter.com/acme/?s=20#top", "https://twitter.com/acme"),
            ("TWITTER", "mobile.twitter.com/acme", "https://twitter.com/acme"),
            ("TWITTER", "https://twitter.com/#!/acme", "https://twitter.com/acme"),
            ("TWITTER", " X.com/@Acme ", "https://x.com/Acme"), ("TWITTER", "@acme", "https://x.com/acme"),
            ("TWITTER", "acme_1", "https://x.com/acme_1"), ("TWITTER", 12345, "https://x.com/12345"),
            ("LINKEDIN", "linkedin.com/in/ann-b/", "https://www.linkedin.com/in/ann-b"),
            ("LINKEDIN", "https://uk.linkedin.com/company/acme?trk=x", "https://www.linkedin.com/company/acme"),
            ("LINKEDIN", "//www.linkedin.com//in//josé", "https://www.linkedin.com/in/josé"),
            ("LINKEDIN", "company/acme", "https://www.linkedin.com/company/acme"),
            ("LINKEDIN", "/in/ann/", "https://www.linkedin.com/in/ann"),
            ("LINKEDIN", "linkedin.com/profile/view?trk=a&id=12", "https://www.linkedin.com/profile/view?id=12"),
            ("FACEBOOK", "http://m.facebook.com/acme", "https://www.facebook.com/acme"),
            ("FACEBOOK", "de-de.facebook.com/acme.inc", "https://www.facebook.com/acme.inc"),
            ("FACEBOOK", "fb.com/acme", "https://www.facebook.com/acme"),
            ("FACEBOOK", "facebook.com/profile.php?ref=a&id=100#b", "https://www.facebook.com/profile.php?id=100"),
            ("FACEBOOK", "@acme.inc", "https://www.facebook.com/acme.inc"),
            ("FACEBOOK", "https://business.facebook.com/acme", "https://business.facebook.com/acme"),
            ("INSTAGRAM", "instagram.com:443/ann.b/?igshid=x", "https://www.instagram.com/ann.b"),
            ("INSTAGRAM", "ann.b", "https://www.instagram.com/ann.b"),
        ],
    )  # fmt: skip
    def test_a_profile_has_one_clean_url(self, service, value, url):
        assert write_value(profile(service), value) == url
        assert same_value(profile(service), str(value), url)

    @pytest.mark.parametrize(
        ("service", "value", "reason"),
        [
            ("LINKEDIN", "acme", "LinkedIn; a handle alone may be a person's"),
            ("LINKEDIN", "@acme", "LinkedIn; a handle alone may be a person's"),
            ("TWITTER", "https://www.linkedin.com/in/a", r"X \(Twitter\), not on LinkedIn$"),
            ("INSTAGRAM", "x.com/acme", r"Instagram, not on X \(Twitter\)$"),
            ("INSTAGRAM", "linkedin.com", "Instagram, not on LinkedIn$"),
            ("FACEBOOK", "www.acme.example", "Facebook$"),
            ("FACEBOOK", "https://acme.example/a", "Facebook$"),
            ("TWITTER", "https://notx.com/acme", r"X \(Twitter\)$"),
            ("TWITTER", "https://acme.example/x.com/acme", r"X \(Twitter\)$"),
            ("TWITTER", "https://x.com.example/acme", r"X \(Twitter\)$"),
            ("TWITTER", "https://x.com/", r"X \(Twitter\)$"), ("TWITTER", "x.com", r"X \(Twitter\)$"),
            ("TWITTER", "https://x.com/@/", r"X \(Twitter\)$"), ("TWITTER", "Acme Corp", r"X \(Twitter\)$"),
            ("TWITTER", "ftp://x.com/acme", r"X \(Twitter\)$"),
            ("TWITTER", "https://x.com/a b", r"X \(Twitter\)$"),
            ("FACEBOOK", "https://facebook.com/profile.php", "Facebook$"),
        ],
    )  # fmt: skip
    def test_what_names_no_profile_of_the_service_is_refused(self, service, value, reason):
        said = refusal(profile(service), value)
        assert re.search(f"it takes the URL of a profile on {reason}", said)
        assert value not in said

    @pytest.mark.parametrize("service", SERVICES)
    def test_a_blank_text_clears_the_field(self, service):
        assert write_value(profile(service), " ") is None

    @pytest.mark.parametrize("service", [None, "MASTODON"])
    @given(st.text(min_size=1).filter(str.strip))
    def test_text_for_an_unknown_service_is_left_alone(self, service, text):
        assert write_value(profile(service), text) == text

    @given(
        st.sampled_from(sorted(SERVICES)),
        st.text("abcxAB01@._-/?#=&:", max_size=20) | st.text(max_size=20),
        st.sampled_from(["", "https://", "http://www.", "m.", "de."]),
        st.sampled_from(["", *SERVICES.values()]),
    )
    def test_what_is_accepted_is_a_url_of_the_service_and_stays_as_it_is(self, service, text, before, host):
        definition, value = profile(service), f"{before}{host}/{text}" if host else text
        if not value.strip() or refusal(definition, value):
            return
        written = write_value(definition, value)
        hosts = (
            "x|twitter"
            if service == "TWITTER"
            else "facebook|fb"
            if service == "FACEBOOK"
            else service.lower()
        )
        assert re.fullmatch(rf"https://([a-z0-9.-]+\.)?({hosts})\.com/\S+", written)
        assert write_value(definition, written) == written
        assert same_value(definition, value, written)


class TestSameValue:
    def test_a_stored_value_that_nobody_could_write_is_compared_as_it_is(self):
        assert same_value(TELEPHONE, ["+1 200"], ["+1 200"])
        assert not same_value(TELEPHONE, ["+1 200"], ["+1200"])
        assert not same_value(TELEPHONE, ["+1 200"], ["+14155550100"])
        assert same_value(ADDRESS, {"country": "Atlantis"}, {"country": "Atlantis", "city": None})
        assert same_value(profile("LINKEDIN"), "acme", "acme")


def test_a_tap_need_not_load_what_only_a_target_uses():
    seen = "import sys, lightfield_api.values; print({'phonenumbers', 'pycountry'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
