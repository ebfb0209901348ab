#include <napi.h>

#include <functional>

#include "flat-vectors.h"
#include "graph-check.h"
#include "graph-reader.h"
#include "graph.h"

static size_t Count(const Napi::Value &value) { return value.As<Napi::Number>().Uint32Value(); }

/** C++'s exceptions become JavaScript's. */
template <class Work>
static Napi::Value Guarded(const Napi::CallbackInfo &info, Work work) {
  try {
    return work();
  } catch (const Napi::Error &) {
    throw;
  } catch (const std::exception &error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

/** Of the wanted length. */
static const float *Vector(const Napi::Value &value, size_t dimension) {
  const auto vector = value.As<Napi::Float32Array>();
  if (vector.ElementLength() != dimension) throw Napi::RangeError::New(value.Env(), "The vector has another dimension.");
  return vector.Data();
}

/** What blocks, on a thread of the pool; a Promise of undefined to JavaScript. */
class Job : public Napi::AsyncWorker {
 public:
  static Napi::Value Start(const Napi::CallbackInfo &info, std::function<void()> work) {
    Job *job = new Job(info.Env(), std::move(work));
    job->owner_ = Napi::Persistent(info.This().As<Napi::Object>());
    job->Queue();
    return job->deferred_.Promise();
  }

  void Execute() override { work_(); }
  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

 private:
  Job(Napi::Env env, std::function<void()> work)
      : AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)) {}

  Napi::Promise::Deferred deferred_;
  std::function<void()> work_;
  /** Alive until the work is done. */
  Napi::ObjectReference owner_;
};

/** As native.ts describes it. */
class FlatVectorsBinding : public Napi::ObjectWrap<FlatVectorsBinding> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "FlatVectors",
                       {InstanceMethod("append", &FlatVectorsBinding::Append),
                        InstanceMethod("measureLengths", &FlatVectorsBinding::MeasureLengths),
                        InstanceMethod("distances", &FlatVectorsBinding::Distances)});
  }

  explicit FlatVectorsBinding(const Napi::CallbackInfo &info)
      : ObjectWrap(info),
        dimension_(Count(info[0])),
        chunk_rows_(Count(info[2])),
        vectors_(dimension_, MetricOf(info[1].As<Napi::String>()), chunk_rows_) {}

  const FlatVectors &vectors() const { return vectors_; }

 private:
  static Metric MetricOf(const std::string &name) {
    if (name == "cosine") return Metric::cosine;
    return name == "l2" ? Metric::l2 : Metric::ip;
  }

  Napi::Value Append(const Napi::CallbackInfo &info) {
    return Guarded(info, [&] {
      vectors_.append(Vector(info[0], chunk_rows_ * dimension_));
      chunks_.push_back(Napi::Persistent(info[0].As<Napi::Object>()));
      return info.Env().Undefined();
    });
  }

  Napi::Value MeasureLengths(const Napi::CallbackInfo &info) {
    return Guarded(info, [&]() -> Napi::Value {
      const size_t end = Count(info[1]);
      if (end > vectors_.capacity()) throw Napi::RangeError::New(Env(), "There is no such slot.");
      int32_t unusable = -1;
      for (size_t slot = Count(info[0]); slot < end; slot++) {
        if (!vectors_.measureLength(slot) && unusable < 0) unusable = static_cast<int32_t>(slot);
      }
      return Napi::Number::New(Env(), unusable);
    });
  }

  Napi::Value Distances(const Napi::CallbackInfo &info) {
    return Guarded(info, [&] {
      const auto slots = info[1].As<Napi::Uint32Array>();
      auto distances = info[2].As<Napi::Float64Array>();
      const size_t count = std::min(slots.ElementLength(), distances.ElementLength());
      for (size_t i = 0; i < count; i++) AssertSlot(slots.Data()[i]);
      vectors_.distances(Vector(info[0], dimension_), slots.Data(), count, distances.Data());
      return info.Env().Undefined();
    });
  }

  void AssertSlot(size_t slot) const {
    if (slot >= vectors_.capacity()) throw Napi::RangeError::New(Env(), "There is no such slot.");
  }

  size_t dimension_, chunk_rows_;
  FlatVectors vectors_;
  /** Their memory is what the vectors are in. */
  std::vector<Napi::ObjectReference> chunks_;
};

/** As native.ts describes it. */
class HnswGraph : public Napi::ObjectWrap<HnswGraph> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "HnswGraph",
                       {InstanceMethod("add", &HnswGraph::Add), InstanceMethod("remove", &HnswGraph::Remove),
                        InstanceMethod("search", &HnswGraph::Search), InstanceMethod("save", &HnswGraph::Save),
                        InstanceMethod("load", &HnswGraph::Load), InstanceMethod("check", &HnswGraph::Check),
                        InstanceMethod("close", &HnswGraph::Close)});
  }

  explicit HnswGraph(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    dimension_ = Count(info[0]);
    codes_ = NewCodes(info[1].As<Napi::String>(), dimension_);
    m_ = Count(info[2]);
    ef_construction_ = Count(info[3]);
  }

 private:
  static constexpr size_t CAPACITY_MIN = 256;

  static std::unique_ptr<Codes> NewCodes(const std::string &name, size_t dimension) {
    if (name == "int8-ip") return std::make_unique<Int8Codes>(dimension);
    if (name == "float32-ip") return std::make_unique<Float32Codes<hnswlib::InnerProductSpace>>(dimension);
    return std::make_unique<Float32Codes<hnswlib::L2Space>>(dimension);
  }

  Napi::Value Add(const Napi::CallbackInfo &info) {
    return Guarded(info, [&] {
      // Not before there is something to hold: most indexes of a new installation are empty for a while.
      if (!graph_) graph_ = std::make_shared<Graph>(*codes_, CAPACITY_MIN, m_, ef_construction_);
      graph_->add(Count(info[0]), Vector(info[1], dimension_));
      return info.Env().Undefined();
    });
  }

  Napi::Value Remove(const Napi::CallbackInfo &info) {
    return Guarded(info, [&] {
      if (!graph_) throw std::runtime_error("The graph has no such label.");
      graph_->remove(Count(info[0]));
      return info.Env().Undefined();
    });
  }

  Napi::Value Search(const Napi::CallbackInfo &info) {
    return Guarded(info, [&]() -> Napi::Value {
      auto labels = info[2].As<Napi::Uint32Array>();
      auto distances = info[3].As<Napi::Float32Array>();
      const size_t k = std::min(labels.ElementLength(), distances.ElementLength());
      const size_t found =
          graph_ ? graph_->search(Vector(info[0], dimension_), k, Count(info[1]), labels.Data(), distances.Data()) : 0;
      return Napi::Number::New(info.Env(), static_cast<double>(found));
    });
  }

  Napi::Value Save(const Napi::CallbackInfo &info) {
    const std::string path = info[0].As<Napi::String>();
    // Its own hold on the graph: it may be closed meanwhile.
    return Job::Start(info, [graph = graph_, path] {
      if (graph) graph->saveIndex(path);
    });
  }

  Napi::Value Load(const Napi::CallbackInfo &info) {
    return Guarded(info, [&]() -> Napi::Value {
      if (!reader_) reader_ = std::make_unique<GraphReader>(*codes_, m_, ef_construction_);
      const auto piece = info[0].As<Napi::Uint8Array>();
      reader_->take(reinterpret_cast<const char *>(piece.Data()), piece.ByteLength());
      if (reader_->isWhole()) graph_ = reader_->graph();
      return Napi::Boolean::New(info.Env(), reader_->isWhole());
    });
  }

  Napi::Value Check(const Napi::CallbackInfo &info) {
    return Guarded(info, [&] {
      if (!graph_) throw std::runtime_error("The graph is not whole.");
      const auto slots = info[1].As<Napi::Int32Array>();
      const FlatVectors &vectors = FlatVectorsBinding::Unwrap(info[0].As<Napi::Object>())->vectors();
      const GraphCheck check(*graph_, vectors);
      const size_t end = std::min({Count(info[3]), slots.ElementLength(), size_t{graph_->cur_element_count}});
      check.assertEntryPoint();
      for (size_t node = Count(info[2]); node < end; node++) {
        const int32_t slot = slots.Data()[node];
        if (slot >= 0 && static_cast<size_t>(slot) >= vectors.capacity()) throw std::runtime_error("There is no such slot.");
        check.assertNode(static_cast<Graph::Node>(node), slot);
      }
      return info.Env().Undefined();
    });
  }

  Napi::Value Close(const Napi::CallbackInfo &info) {
    graph_.reset();
    reader_.reset();
    return info.Env().Undefined();
  }

  size_t dimension_, m_, ef_construction_;
  std::unique_ptr<Codes> codes_;
  std::shared_ptr<Graph> graph_;
  std::unique_ptr<GraphReader> reader_;
};

static Napi::Value Int8Suits(const Napi::CallbackInfo &info) {
  const auto vectors = info[0].As<Napi::Float32Array>();
  const size_t dimension = Count(info[1]);
  return Napi::Boolean::New(info.Env(), Int8Codes(dimension).suits(vectors.Data(), vectors.ElementLength() / dimension));
}

static Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("FlatVectors", FlatVectorsBinding::Define(env));
  exports.Set("HnswGraph", HnswGraph::Define(env));
  exports.Set("int8Suits", Napi::Function::New(env, Int8Suits));
  return exports;
}

NODE_API_MODULE(vectord, Initialize)
