#include "tests/unit/http/bad_requests.h"

#include <string_view>
#include <utility>

namespace xshathra::test {

namespace {

using namespace std::string_literals;

class Corpus {
public:
    /// A whole head (and body) as it stands.
    void raw(std::string name, std::string bytes, int status = 400) {
        rows_.push_back({std::move(name), std::move(bytes), status});
    }
    /// A request line in place of a good one.
    void line(const std::string& name, const std::string& line, int status = 400) {
        raw("request line: " + name, line + "\r\nHost: localhost:3001\r\n\r\n", status);
    }
    /// Header lines, each with its own line end, in a request that is otherwise good.
    void fields(const std::string& name, const std::string& lines, int status = 400) {
        raw("fields: " + name, "POST /a HTTP/1.1\r\nHost: localhost:3001\r\n" + lines + "\r\n", status);
    }
    /// A Content-Length value, with a body that would fit if it were taken as 5.
    void length(const std::string& name, const std::string& value) {
        raw("length: " + name, "POST /a HTTP/1.1\r\nHost: localhost:3001\r\nContent-Length:" + value + "\r\n\r\nhello");
    }
    /// A Transfer-Encoding value, with a body that would fit if it were taken as chunked.
    void coding(const std::string& name, const std::string& value) {
        raw("coding: " + name, "POST /a HTTP/1.1\r\nHost: localhost:3001\r\nTransfer-Encoding:" + value +
                                   "\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }
    /// The bytes of a chunked body.
    void chunks(const std::string& name, const std::string& body, int status = 400) {
        raw("chunks: " + name, "POST /a HTTP/1.1\r\nHost: localhost:3001\r\nTransfer-Encoding: chunked\r\n\r\n" + body,
            status);
    }
    void target(const std::string& name, const std::string& target) {
        line("target with " + name, "GET " + target + " HTTP/1.1");
    }

    std::vector<BadRequest> take() { return std::move(rows_); }

private:
    std::vector<BadRequest> rows_;
};

std::string hex(unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

void addRequestLines(Corpus& corpus) {
    corpus.line("empty line first", "\r\nGET / HTTP/1.1");
    corpus.raw("nothing but line ends", "\r\n\r\n");
    corpus.line("no method", " / HTTP/1.1");
    corpus.line("no target", "GET HTTP/1.1");
    corpus.line("no version", "GET /");
    corpus.line("HTTP/0.9", "GET / ");
    corpus.line("two spaces before the target", "GET  / HTTP/1.1");
    corpus.line("two spaces before the version", "GET /  HTTP/1.1");
    corpus.line("space at the end", "GET / HTTP/1.1 ");
    corpus.line("space at the start", " GET / HTTP/1.1");
    corpus.line("tab instead of a space", "GET\t/\tHTTP/1.1");
    corpus.line("tab at the end", "GET / HTTP/1.1\t");
    corpus.line("form feed instead of a space", "GET\x0c/ HTTP/1.1");
    corpus.line("CR inside", "GET /\r HTTP/1.1");
    corpus.raw("request line: ended by LF", "GET / HTTP/1.1\nHost: localhost:3001\r\n\r\n");
    corpus.raw("request line: ended by CR", "GET / HTTP/1.1\rHost: localhost:3001\r\n\r\n");
    corpus.raw("request line: ended by CR CR LF", "GET / HTTP/1.1\r\r\nHost: localhost:3001\r\n\r\n");
    corpus.raw("request line: ended by LF CR", "GET / HTTP/1.1\n\rHost: localhost:3001\r\n\r\n");
    corpus.line("bracket in the method", "GE(T / HTTP/1.1");
    corpus.line("quote in the method", "\"GET\" / HTTP/1.1");
    corpus.line("colon after the method", "GET: / HTTP/1.1");
    corpus.line("NUL in the method", "GE\0T / HTTP/1.1"s);
    corpus.line("NUL in the target", "GET /\0 HTTP/1.1"s);
    corpus.line("DEL in the target", "GET /\x7f HTTP/1.1");
    corpus.line("byte 0x80 in the target", "GET /\x80 HTTP/1.1");
    corpus.line("UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1");
    corpus.line("UTF-8 in the method", "G\xc3\x8bT / HTTP/1.1");
    corpus.line("lower-case protocol name", "GET / http/1.1");
    corpus.line("mixed-case protocol name", "GET / Http/1.1");
    corpus.line("another protocol", "GET / ICY/1.1");
    corpus.line("protocol name cut", "GET / HTT/1.1");
    corpus.line("version without minor", "GET / HTTP/1");
    corpus.line("version without minor digit", "GET / HTTP/1.");
    corpus.line("version with two minor digits", "GET / HTTP/1.10");
    corpus.line("version with two major digits", "GET / HTTP/11.1");
    corpus.line("version with a leading zero", "GET / HTTP/01.1");
    corpus.line("version with a comma", "GET / HTTP/1,1");
    corpus.line("version with a plus sign", "GET / HTTP/+1.1");
    corpus.line("version with a minus sign", "GET / HTTP/-1.1");
    corpus.line("version with a letter", "GET / HTTP/1.x");
    corpus.line("version with a space", "GET / HTTP/ 1.1");
    corpus.line("something after the version", "GET / HTTP/1.1 HTTP/1.1");
    corpus.line("version 0.9", "GET / HTTP/0.9", 505);
    corpus.line("version 1.2", "GET / HTTP/1.2", 505);
    corpus.line("version 1.9", "GET / HTTP/1.9", 505);
    corpus.line("version 2.0", "GET / HTTP/2.0", 505);
    corpus.line("version 3.0", "GET / HTTP/3.0", 505);
    corpus.line("version 9.9", "GET / HTTP/9.9", 505);
    corpus.raw("the start of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    corpus.raw("the start of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s);
    corpus.raw("the start of SOCKS 5", "\x05\x01\x00"s);
    corpus.raw("a redis command", "*1\r\n$4\r\nPING\r\n");
    corpus.raw("an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    corpus.raw("an SMTP greeting", "EHLO example.test\r\n\r\n");
    corpus.raw("JSON", "{\"id\":1,\"connect\":{}}\r\n\r\n");
    corpus.raw("a proxy header",
               "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\nHost: localhost:3001\r\n\r\n");
    corpus.raw("zero bytes", std::string(64, '\0'));
    corpus.raw("0xff bytes", std::string(64, '\xff') + "\r\n\r\n");
}

void addTargets(Corpus& corpus) {
    corpus.target("a fragment", "/a#b");
    corpus.target("no slash", "a");
    corpus.target("a backslash", "/a\\b");
    corpus.target("an encoded backslash", "/a%5cb");
    corpus.target("an encoded slash", "/a%2fb");
    corpus.target("an encoded slash in capitals", "/a%2Fb");
    corpus.target("an encoded NUL", "/a%00");
    corpus.target("an encoded line break", "/a%0d%0aX:%20y");
    corpus.target("an encoded DEL", "/a%7f");
    corpus.target("dots", "/../etc/passwd");
    corpus.target("dots inside", "/a/../b");
    corpus.target("dots at the end", "/a/..");
    corpus.target("one dot", "/./a");
    corpus.target("encoded dots", "/%2e%2e/a");
    corpus.target("half-encoded dots", "/.%2E/a");
    corpus.target("a percent sign at the end", "/a%");
    corpus.target("one hexadecimal digit", "/a%2");
    corpus.target("no hexadecimal digits", "/a%zz");
    corpus.target("percent u", "/a%u002f");
    corpus.target("ftp", "ftp://localhost:3001/");
    corpus.target("javascript", "javascript:alert(1)");
    corpus.target("a scheme and no host", "http:///a");
    corpus.target("a scheme and one slash", "http:/localhost:3001/a");
    corpus.target("a host alone", "localhost:3001");
    corpus.target("an asterisk", "*");
    corpus.target("a question mark alone", "?a=b");
    corpus.target("dots in an absolute address", "http://localhost:3001/../a");
    corpus.line("CONNECT", "CONNECT localhost:3001 HTTP/1.1");
    corpus.line("an asterisk with POST", "POST * HTTP/1.1");
    corpus.line("asterisk and more", "OPTIONS *a HTTP/1.1");
}

void addFields(Corpus& corpus) {
    corpus.fields("ended by LF", "A: b\n");
    corpus.fields("ended by CR", "A: b\rC: d\r\n");
    corpus.fields("ended by CR CR LF", "A: b\r\r\n");
    corpus.fields("LF inside a value", "A: b\nContent-Length: 5\r\n");
    corpus.fields("CR inside a value", "A: b\rc\r\n");
    corpus.fields("NUL inside a value", "A: b\0c\r\n"s);
    corpus.fields("NUL inside a name", "A\0: b\r\n"s);
    corpus.fields("folded with a space", "A: b\r\n c\r\n");
    corpus.fields("folded with a tab", "A: b\r\n\tc\r\n");
    corpus.fields("folded to nothing", "A: b\r\n \r\n");
    corpus.fields("folded Content-Length", "Content-Length:\r\n 5\r\n");
    corpus.fields("folded Transfer-Encoding", "Transfer-Encoding:\r\n chunked\r\n");
    corpus.fields("space before the name", " A: b\r\n");
    corpus.fields("space before the colon", "A : b\r\n");
    corpus.fields("tab before the colon", "A\t: b\r\n");
    corpus.fields("space before the colon of Content-Length", "Content-Length : 5\r\n");
    corpus.fields("space before the colon of Transfer-Encoding", "Transfer-Encoding : chunked\r\n");
    corpus.fields("no name", ": b\r\n");
    corpus.fields("no colon", "A\r\n");
    corpus.fields("no colon but a space", "A b\r\n");
    corpus.fields("only a colon", ":\r\n");
    corpus.fields("UTF-8 in the name", "\xc3\xa4: b\r\n");
    corpus.fields("byte 0xff in the name", "A\xff: b\r\n");
    for (const char mark : "\"(),/;<=>?@[\\]{}"s)
        corpus.fields("name with "s + mark, "A"s + mark + "b: c\r\n");
    for (const unsigned char control : {1, 2, 7, 8, 11, 12, 14, 27, 31, 127}) {
        corpus.fields("value with " + hex(control), "A: b"s + static_cast<char>(control) + "c\r\n");
        corpus.fields("name with " + hex(control), "A"s + static_cast<char>(control) + "b: c\r\n");
    }
    corpus.raw("fields: space before the first", "GET / HTTP/1.1\r\n Host: localhost:3001\r\n\r\n");
    corpus.raw("fields: tab before the first", "GET / HTTP/1.1\r\n\tHost: localhost:3001\r\n\r\n");
    corpus.raw("fields: end marked by LF LF", "GET / HTTP/1.1\r\nHost: localhost:3001\r\n\n\n");
    corpus.raw("fields: end marked by CR LF LF", "GET / HTTP/1.1\r\nHost: localhost:3001\r\n\n");
    corpus.raw("fields: end marked by CR CR", "GET / HTTP/1.1\r\nHost: localhost:3001\r\n\r\r");
    corpus.raw("fields: end marked by CR X", "GET / HTTP/1.1\r\nHost: localhost:3001\r\n\rX");
    corpus.fields("Expect of another kind", "Expect: 200-ok\r\nContent-Length: 5\r\n", 417);
    corpus.fields("Expect twice", "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", 417);
    corpus.fields("Expect with more", "Expect: 100-continue, gzip\r\nContent-Length: 5\r\n", 417);
    corpus.fields("Expect empty", "Expect:\r\nContent-Length: 5\r\n", 417);
}

void addLengths(Corpus& corpus) {
    corpus.length("empty", "");
    corpus.length("a space", " ");
    corpus.length("a plus sign", " +5");
    corpus.length("a minus sign", " -5");
    corpus.length("minus zero", " -0");
    corpus.length("hexadecimal", " 0x5");
    corpus.length("hexadecimal in capitals", " 0X5");
    corpus.length("underscore", " 5_0");
    corpus.length("a letter", " 5a");
    corpus.length("a letter alone", " a");
    corpus.length("a fraction", " 5.0");
    corpus.length("an exponent", " 5e0");
    corpus.length("a space inside", " 5 0");
    corpus.length("a tab inside", " 5\t0");
    corpus.length("a list", " 5, 5");
    corpus.length("a list without space", " 5,5");
    corpus.length("a list of two lengths", " 5, 6");
    corpus.length("a comma after", " 5,");
    corpus.length("a comma before", " ,5");
    corpus.length("a semicolon", " 5;");
    corpus.length("quotes", " \"5\"");
    corpus.length("apostrophes", " '5'");
    corpus.length("octal", " 0o5");
    corpus.length("binary", " 0b101");
    corpus.length("infinity", " inf");
    corpus.length("not a number", " NaN");
    corpus.length("2^64", " 18446744073709551616");
    corpus.length("2^64 + 5", " 18446744073709551621");
    corpus.length("forty digits", " " + std::string(40, '9'));
    corpus.length("digits of another script", " \xd9\xa5");
    corpus.length("full-width digits", " \xef\xbc\x95");
    corpus.length("a no-break space before",
                  " \xc2\xa0"
                  "5");
    corpus.length("a vertical tab before",
                  " \x0b"
                  "5");
    corpus.length("a form feed after", " 5\x0c");
    corpus.length("NUL after", " 5\0"s);
    corpus.fields("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n");
    corpus.fields("twice the same length", "Content-Length: 5\r\nContent-Length: 5\r\n");
    corpus.fields("twice the same length, other case", "Content-Length: 5\r\ncontent-length: 5\r\n");
    corpus.fields("two lengths, one empty", "Content-Length: 5\r\nContent-Length:\r\n");
    corpus.fields("two lengths apart", "Content-Length: 5\r\nA: b\r\nContent-Length: 0\r\n");
    corpus.fields("three lengths", "Content-Length: 0\r\nContent-Length: 0\r\nContent-Length: 0\r\n");
    corpus.fields("length and coding", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    corpus.fields("coding and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
    corpus.fields("length zero and coding", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n");
    corpus.fields("length and empty coding", "Content-Length: 5\r\nTransfer-Encoding:\r\n");
    corpus.fields("length and identity", "Content-Length: 5\r\nTransfer-Encoding: identity\r\n");
    corpus.fields("length, coding, other case", "content-length: 5\r\ntransfer-encoding: Chunked\r\n");
}

void addCodings(Corpus& corpus) {
    corpus.coding("empty", "");
    corpus.coding("identity", " identity");
    corpus.coding("gzip", " gzip");
    corpus.coding("gzip, chunked", " gzip, chunked");
    corpus.coding("chunked, gzip", " chunked, gzip");
    corpus.coding("chunked, identity", " chunked, identity");
    corpus.coding("identity, chunked", " identity, chunked");
    corpus.coding("chunked twice in a list", " chunked, chunked");
    corpus.coding("a comma before", " ,chunked");
    corpus.coding("a comma after", " chunked,");
    corpus.coding("a parameter", " chunked;a=b");
    corpus.coding("a semicolon after", " chunked;");
    corpus.coding("quotes", " \"chunked\"");
    corpus.coding("apostrophes", " 'chunked'");
    corpus.coding("a letter before", " xchunked");
    corpus.coding("a letter after", " chunkedx");
    corpus.coding("cut", " chunke");
    corpus.coding("spaces inside", " chun ked");
    corpus.coding("a vertical tab before",
                  " \x0b"
                  "chunked");
    corpus.coding("a form feed before",
                  " \x0c"
                  "chunked");
    corpus.coding("NUL after", " chunked\0"s);
    corpus.coding("a no-break space before",
                  " \xc2\xa0"
                  "chunked");
    corpus.coding("a long s",
                  " chun\xe2\x84\xaa"
                  "ed");
    corpus.coding("another word", " cow");
    corpus.fields("coding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
    corpus.fields("coding twice, one identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n");
    corpus.fields("coding twice, other case", "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n");
    corpus.fields("coding twice, one empty", "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n");
    corpus.raw("coding: in HTTP/1.0",
               "POST /a HTTP/1.0\r\nHost: localhost:3001\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
}

void addChunks(Corpus& corpus) {
    corpus.chunks("no size", "\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a plus sign", "+5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a minus sign", "-5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("0x", "0x5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a space before", " 5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a tab before", "\t5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a space after", "5 \r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a tab after", "5\t\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a space before the extension", "5 ;a\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a letter that is no digit", "5g\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("an underscore", "0_5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("quotes", "\"5\"\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("a fraction", "5.0\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("seventeen digits", "00000000000000005\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("2^64 - 1", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", 413);
    corpus.chunks("2^63", "8000000000000000\r\nhello\r\n0\r\n\r\n", 413);
    corpus.chunks("2^32", "100000000\r\nhello\r\n0\r\n\r\n", 413);
    corpus.chunks("past the limit", "100001\r\nhello\r\n0\r\n\r\n", 413);
    corpus.chunks("size ended by LF", "5\nhello\r\n0\r\n\r\n");
    corpus.chunks("size ended by CR", "5\rhello\r\n0\r\n\r\n");
    corpus.chunks("size ended by CR CR LF", "5\r\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("data longer than the size", "4\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("data shorter than the size", "6\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("data ended by LF", "5\r\nhello\n0\r\n\r\n");
    corpus.chunks("data ended by CR", "5\r\nhello\r0\r\n\r\n");
    corpus.chunks("data without an end", "5\r\nhello0\r\n\r\n");
    corpus.chunks("data ended twice", "5\r\nhello\r\n\r\n0\r\n\r\n");
    corpus.chunks("extension without a name", "5;\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with LF", "5;a\nb\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with CR", "5;a\rb\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with a quoted LF", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with NUL", "5;a=\0\r\nhello\r\n0\r\n\r\n"s);
    corpus.chunks("extension with UTF-8", "5;a=\"\xc3\xa4\"\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with an open quote", "5;a=\"b\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension without a value", "5;a=\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension with a space in its name", "5;a b\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("extension past the limit", "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("comma after the size", "5,5\r\nhello\r\n0\r\n\r\n");
    corpus.chunks("last chunk ended by LF", "5\r\nhello\r\n0\n\n");
    corpus.chunks("last chunk ended by CR LF LF", "5\r\nhello\r\n0\r\n\n");
    corpus.chunks("last chunk ended by CR", "5\r\nhello\r\n0\r\n\rX");
    corpus.chunks("last chunk followed by data", "0\r\nGET /admin HTTP/1.1\r\n\r\n");
    corpus.chunks("trailer folded", "0\r\nA: b\r\n c\r\n\r\n");
    corpus.chunks("trailer with a space before the name", "0\r\n A: b\r\n\r\n");
    corpus.chunks("trailer with a space before the colon", "0\r\nA : b\r\n\r\n");
    corpus.chunks("trailer without a colon", "0\r\nA\r\n\r\n");
    corpus.chunks("trailer with NUL", "0\r\nA: \0\r\n\r\n"s);
    corpus.chunks("trailer with LF", "0\r\nA: b\nC: d\r\n\r\n");
    corpus.chunks("trailer with Content-Length", "0\r\nContent-Length: 5\r\n\r\n");
    corpus.chunks("trailer with Transfer-Encoding", "0\r\nTransfer-Encoding: chunked\r\n\r\n");
    corpus.chunks("trailer with Host", "0\r\nHost: other\r\n\r\n");
    corpus.chunks("trailer with Authorization", "0\r\nauthorization: apikey x\r\n\r\n");
    corpus.chunks("trailers past the limit", "0\r\nA: " + std::string(5000, 'a') + "\r\n\r\n");
    std::string many = "0\r\n";
    for (int i = 0; i < 600; ++i)
        many += "A: bcde\r\n";
    corpus.chunks("many trailers", many + "\r\n");
}

}  // namespace

std::vector<BadRequest> badRequests() {
    Corpus corpus;
    addRequestLines(corpus);
    addTargets(corpus);
    addFields(corpus);
    addLengths(corpus);
    addCodings(corpus);
    addChunks(corpus);
    auto rows = corpus.take();
    for (auto& row : rows)
        row.bytes += "GET /marker HTTP/1.1\r\nHost: localhost:3001\r\n\r\n";
    return rows;
}

}  // namespace xshathra::test
