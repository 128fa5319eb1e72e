// Requests and their answers in the callbacks of nghttp2.
#include "lib/net/http2client.hh"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace net {

namespace {

struct Request {
  std::vector<std::byte> body;
  std::size_t sent = 0;
  unsigned status = 0;
  bool rightContent = false;
  std::size_t fields = 0, fieldOctets = 0;
  std::uint32_t age = 0;
  std::vector<std::byte> answer;
  std::string trouble;
};

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto octets = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data())); // nghttp2 copies them
  };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view view(const std::uint8_t* octets, std::size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

// RFC 9111 5.1, 1.2.2: seconds; more than fit are as good as all there are.
std::uint32_t ageOf(std::string_view value) {
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
  return read.ec == std::errc::result_out_of_range ? UINT32_MAX : read.ec == std::errc() ? seconds : 0;
}

// "application/dns-message; charset=..." is that media type, too (RFC 9110 8.3.1).
bool isContent(std::string_view value, std::string_view wanted) {
  value = value.substr(0, value.find_first_of("; \t"));
  return std::equal(value.begin(), value.end(), wanted.begin(), wanted.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : int{a}) == b; });
}

} // namespace

struct Http2Client::State {
  explicit State(Target given) : target(std::move(given)) {}
  ~State() { nghttp2_session_del(session); }

  void open();
  [[nodiscard]] Request* find(std::int32_t stream) {
    const auto found = requests.find(stream);
    return found == requests.end() ? nullptr : &found->second;
  }
  int refuse(std::int32_t stream, Request& request, const char* why) const;
  void end(std::int32_t stream, std::uint32_t code);
  void flush(); // what nghttp2 wants to send, and what it finds out when it tries

  static ssize_t onBody(nghttp2_session* session, std::int32_t stream, std::uint8_t* out, std::size_t size,
                        std::uint32_t* flags, nghttp2_data_source* source, void* self);
  static int onField(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                     std::size_t nameSize, const std::uint8_t* value, std::size_t valueSize, std::uint8_t flags,
                     void* self);
  static int onData(nghttp2_session* session, std::uint8_t flags, std::int32_t stream, const std::uint8_t* data,
                    std::size_t size, void* self);
  static int onFrame(nghttp2_session* session, const nghttp2_frame* frame, void* self);
  static int onClose(nghttp2_session* session, std::int32_t stream, std::uint32_t code, void* self);
  static int onNotSent(nghttp2_session* session, const nghttp2_frame* frame, int error, void* self);

  // How a request ended, told at the next receive(): nghttp2 may find out while it writes, too.
  struct Ending {
    std::int32_t stream;
    Request request;
    bool unprocessed;
  };

  Target target;
  nghttp2_session* session = nullptr;
  std::unordered_map<std::int32_t, Request> requests;
  std::vector<Ending> endings;
  std::vector<std::byte> out;
};

void Http2Client::State::open() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &State::onField);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &State::onData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &State::onFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &State::onClose);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, &State::onNotSent);
  nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  const std::array settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(kMaxFieldOctets)}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

ssize_t Http2Client::State::onBody(nghttp2_session* /*session*/, std::int32_t stream, std::uint8_t* out,
                                   std::size_t size, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                                   void* self) {
  Request* request = static_cast<State*>(self)->find(stream);
  if (request == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const std::size_t count = std::min(size, request->body.size() - request->sent);
  std::memcpy(out, request->body.data() + request->sent, count);
  request->sent += count;
  if (request->sent == request->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

// Makes an end of a stream whose answer is of no use.
int Http2Client::State::refuse(std::int32_t stream, Request& request, const char* why) const {
  if (!request.trouble.empty()) return 0;
  request.trouble = why;
  return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

int Http2Client::State::onField(nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name,
                                std::size_t nameSize, const std::uint8_t* value, std::size_t valueSize,
                                std::uint8_t /*flags*/, void* self) {
  State& state = *static_cast<State*>(self);
  Request* request = state.find(frame->hd.stream_id);
  if (request == nullptr) return 0;
  request->fieldOctets += nameSize + valueSize;
  if (++request->fields > kMaxFields || request->fieldOctets > kMaxFieldOctets) {
    return state.refuse(frame->hd.stream_id, *request, "too many HTTP header fields");
  }
  const std::string_view text = view(value, valueSize);
  if (view(name, nameSize) == ":status") { // three digits, as nghttp2 has seen to
    request->status = 0;
    std::from_chars(text.data(), text.data() + text.size(), request->status);
  } else if (view(name, nameSize) == "content-type") {
    request->rightContent = isContent(text, state.target.content);
  } else if (view(name, nameSize) == "age") {
    request->age = ageOf(text);
  }
  return 0;
}

int Http2Client::State::onData(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                               const std::uint8_t* data, std::size_t size, void* self) {
  State& state = *static_cast<State*>(self);
  Request* request = state.find(stream);
  if (request == nullptr || !request->trouble.empty() || request->status != 200) return 0; // an error page is not read
  if (request->answer.size() + size > kMaxBody) return state.refuse(stream, *request, "HTTP answer too large");
  const auto* octets = reinterpret_cast<const std::byte*>(data);
  request->answer.insert(request->answer.end(), octets, octets + size);
  return 0;
}

void Http2Client::State::end(std::int32_t stream, std::uint32_t code) {
  auto ended = requests.extract(stream);
  if (ended.empty()) return;
  Request& request = ended.mapped();
  if (request.trouble.empty() && code != NGHTTP2_NO_ERROR) {
    request.trouble = std::string("HTTP/2 stream ended: ") + nghttp2_http2_strerror(code);
  } else if (request.trouble.empty() && request.status != 200) {
    request.trouble = "HTTP status " + std::to_string(request.status);
  } else if (request.trouble.empty() && !request.rightContent) {
    request.trouble = "HTTP answer of another type than " + std::string(target.content);
  }
  endings.push_back({stream, std::move(request), code == NGHTTP2_REFUSED_STREAM});
}

int Http2Client::State::onClose(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code, void* self) {
  static_cast<State*>(self)->end(stream, code);
  return 0;
}

// GOAWAY: what waits for its turn will not get it. nghttp2 ends the streams that were begun, and the others later.
int Http2Client::State::onFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
  if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
  State& state = *static_cast<State*>(self);
  std::vector<std::int32_t> lost;
  for (const auto& [stream, request] : state.requests) {
    if (stream > frame->goaway.last_stream_id) lost.push_back(stream);
  }
  for (const std::int32_t stream : lost) state.end(stream, NGHTTP2_REFUSED_STREAM);
  return 0;
}

// A request that was not allowed any more when its turn came.
int Http2Client::State::onNotSent(nghttp2_session* /*session*/, const nghttp2_frame* frame, int /*error*/, void* self) {
  if (frame->hd.type == NGHTTP2_HEADERS) static_cast<State*>(self)->end(frame->hd.stream_id, NGHTTP2_REFUSED_STREAM);
  return 0;
}

Http2Client::Http2Client(Target target) : d_state(std::make_unique<State>(std::move(target))) { d_state->open(); }
Http2Client::~Http2Client() = default;

std::int32_t Http2Client::nextStream() const {
  return static_cast<std::int32_t>(nghttp2_session_get_next_stream_id(d_state->session));
}

bool Http2Client::hasRoom() const {
  nghttp2_session* session = d_state->session;
  const std::size_t allowed = nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return nghttp2_session_check_request_allowed(session) != 0 &&
         d_state->requests.size() < std::min(allowed, kMaxStreams);
}

void Http2Client::post(std::span<const std::byte> body) {
  State& state = *d_state;
  const std::string length = std::to_string(body.size());
  const std::array fields{field(":method", "POST"),
                          field(":scheme", "https"),
                          field(":authority", state.target.authority),
                          field(":path", state.target.path),
                          field("accept", state.target.content),
                          field("content-type", state.target.content),
                          field("content-length", length)};
  nghttp2_data_provider provider{};
  provider.read_callback = &State::onBody;
  const std::int32_t expected = nextStream();
  const std::int32_t stream =
      nghttp2_submit_request(state.session, nullptr, fields.data(), fields.size(), &provider, nullptr);
  Request request;
  if (stream > 0) {
    request.body.assign(body.begin(), body.end());
    state.requests.emplace(stream, std::move(request));
    return;
  }
  request.trouble = nghttp2_strerror(stream);
  state.endings.push_back({expected, std::move(request), true});
}

std::string Http2Client::receive(std::span<const std::byte> octets, Listener& listener) {
  State& state = *d_state;
  const auto* data = reinterpret_cast<const std::uint8_t*>(octets.data());
  const ssize_t taken = nghttp2_session_mem_recv(state.session, data, octets.size());
  state.flush();
  for (State::Ending& ending : std::exchange(state.endings, {})) {
    if (ending.request.trouble.empty()) {
      listener.answered(ending.stream, ending.request.answer, ending.request.age);
    } else {
      listener.failed(ending.stream, std::move(ending.request.trouble), ending.unprocessed);
    }
  }
  if (taken < 0) return std::string("HTTP/2 failed: ") + nghttp2_strerror(static_cast<int>(taken));
  const bool alive = nghttp2_session_want_read(state.session) != 0 || nghttp2_session_want_write(state.session) != 0;
  return alive ? std::string() : std::string("HTTP/2 connection ended");
}

void Http2Client::State::flush() {
  for (;;) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session, &data);
    if (size <= 0) return;
    const auto* octets = reinterpret_cast<const std::byte*>(data);
    out.insert(out.end(), octets, octets + size);
  }
}

void Http2Client::output(std::vector<std::byte>& out) {
  d_state->flush();
  out.insert(out.end(), d_state->out.begin(), d_state->out.end());
  d_state->out.clear();
}

} // namespace net
