"""The record of processing (个人信息保护法 art. 54–56): which fields are of a person, what for, who reads them, how
long they are kept and what protects them.

It is made from the models and from the table of who may (config.access): each line names fields and the routes that
show them, the readers follow. A field that no line names and that is not known to say nothing of a person
(config/plain_fields.py) fails the build, and so does a line that names nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from config.access import ACCESS, MACHINE, PUBLIC, SIGNED_IN
from config.plain_fields import PLAIN, PLAIN_OF
from core.language import in_language
from organisation.models import Role

Words = tuple[str, str]
ROOMS = {"core", "organisation", "catalogue", "donations", "inventory", "distribution", "reports", "sessions"}


@dataclass(frozen=True)
class Line:
    """One kind of personal data, in Chinese and English. `fields`: "Model.field", with * for any; `routes`: by which
    people read it, with their method; none where nobody does."""

    what: Words
    whose: Words
    fields: Sequence[str]
    purpose: Words
    routes: Sequence[tuple[str, str]]
    kept: Words
    guarded: Words


DONORS = ("捐赠人", "donors")
STAFF = ("工作人员", "staff")
WITH_THE_BOOKS = ("与账册同存；本身不含身份", "with the books; says nothing of an identity by itself")
SEALED = (
    "AES-256-GCM 加密，与账册分开；只按密钥散列查找；每次查看记入审计日志",
    "AES-256-GCM, apart from the books; found by keyed hashes only; every look stands in the audit log",
)
BY_POLICY = (
    "活动结束和最后一次使用满县里规定的天数、药品有效期满一年且不在召回中，自动匿名；捐赠人要求时立即删除",
    (
        "forgotten by itself after the county's days since the campaign's end and the last use, a year after expiry"
        " and outside any recall; at once where the donor asks"
    ),
)
RECORD = (
    Line(
        ("姓名、电话、工作单位", "name, telephone, work unit"), DONORS,
        ["DonorIdentity.sealed", "DonorIdentity.name_mac", "DonorIdentity.phone_mac"],
        ("登记、凭证、退还、召回联系、答复查询（公益事业捐赠法 16、21）",
         "register, receipt, giving back, recalls, answering the donor (公益事业捐赠法 art. 16, 21)"),
        [("donors/<int:pk>/", "GET"), ("donors/<int:pk>/export/", "GET"), ("donations/<int:pk>/receipt.pdf", "GET"),
         ("roster.pdf", "GET"), ("roster.xlsx", "GET")],
        BY_POLICY, SEALED,
    ),
    Line(
        ("是否同意公开、乡镇、类别、凭证编号", "consent to be named, township, kind, receipt code"), DONORS,
        ["Donor.publish", "Donor.township", "Donor.kind", "Donation.receipt_code", "Correction.renamed",
         "RosterDonation.fingerprint"],
        ("按同意公开姓名（个人信息保护法 25），凭编号查询去向",
         "naming as agreed (个人信息保护法 art. 25), tracing by the code"),
        [("donations/", "GET"), ("donations/<int:pk>/", "GET"), ("donors/<int:pk>/export/", "GET")],
        ("同意和乡镇随姓名一并清除；编号随账册",
         "consent and township go with the name; the code stays with the books"),
        ("编号随机 80 位，不含身份；名册指纹为密钥散列",
         "80 random bits that say nothing; fingerprints are keyed hashes"),
    ),
    Line(
        ("公示的姓名", "published names"), DONORS,
        ["NamedDonor.opening", "NamedDonor.commitment", "NamedDonor.shown", "NamedDonor.donor"],
        ("爱心名单（公益事业捐赠法 8）", "the list of donors (公益事业捐赠法 art. 8)"),
        [("public/bulletins/<int:pk>.names.json", "GET")],
        ("撤回同意、删除或匿名时，从各期立即消失",
         "gone from every edition when consent is withdrawn or the donor forgotten"),
        ("公示稿只含加盐散列；姓名和盐另行加密存放，由触发器清空",
         "a bulletin holds salted hashes only; name and salt lie sealed beside it and a trigger empties them"),
    ),
    Line(
        ("代领人姓名及领取方式", "who fetched goods for a donor, and how"), ("代领人", "those who fetch goods"),
        ["ReturnCollector.sealed", "DonorReturn.collected_by"],
        ("退还不合格药品的签收", "signing for unfit goods that go back"),
        [("donor-returns/", "GET"), ("donor-returns/<int:pk>/slip.pdf", "GET")], BY_POLICY, SEALED,
    ),
    Line(
        ("上传的花名册和单位经办人", "uploaded rosters and who brought them"),
        ("捐赠人、经办人", "donors, collectors"),
        ["RosterFile.sealed", "RosterFile.collector"],
        ("整批登记", "registering many at once"),
        [("rosters/<int:pk>/", "GET"), ("rosters/<int:pk>/collector/", "GET")],
        ("文件登记后即删，未登记的 7 天后删；经办人随最后一名捐赠人匿名",
         "the file until it is registered, 7 days at most; the collector until the last of its donors is forgotten"),
        SEALED,
    ),
    Line(
        ("年龄段、类别标记、登记册编号、人数、领取方式", "age band, marks, register number, heads, by whom fetched"),
        ("领药人", "recipients"),
        ["Dispensing.age_band", "Dispensing.marks", "Dispensing.register_ref", "Dispensing.recipients",
         "Dispensing.collected_by", "Dispensing.entered_for", "DeviceUse.register_ref",
         "AdverseReaction.register_ref", "AdverseReaction.description", "DispensingLine.flagged"],
        ("发放记录、限量、不良反应（健康信息，个人信息保护法 28、29；不足 14 岁者另有监护人同意）",
         "hand-outs, limits, reactions (health data, 个人信息保护法 art. 28, 29; with guardians' consent under 14)"),
        [("dispensings/", "GET"), ("device-uses/", "GET"), ("adverse-reactions/", "GET"),
         ("unusual-hand-outs/", "GET")],
        WITH_THE_BOOKS,
        ("从不登记姓名、证件号、电话；编号只有机构自己的登记册认得；公示合并不足 5 人的格",
         ("no name, number or telephone is ever taken; the register number is known to the clinic alone;"
          " fewer than five people are merged in public")),
    ),
    Line(
        ("处方人、承运人、车辆、监销人", "prescriber, carrier, vehicle, witness"), STAFF,
        ["DispensingLine.prescriber", "Handover.carrier", "Handover.vehicle", "Destruction.witness"],
        ("交接、发放、销毁各环节的责任人", "who answers for a step of the way"),
        [("dispensings/", "GET"), ("handovers/<int:pk>/", "GET"), ("handovers/<int:pk>/list.pdf", "GET"),
         ("destructions/<int:pk>/", "GET")],
        WITH_THE_BOOKS, ("按机构授权", "by place and role"),
    ),
    Line(
        ("账号：姓名、用户名、岗位、代理", "accounts: name, user name, roles, deputies"), STAFF,
        ["Person.name", "Person.username", "Person.is_active", "Person.must_change_password", "Person.is_claimed",
         "RoleGrant.*", "Deputy.*", "Confirmation.*"],
        ("授权和追责", "who may, and who did"),
        [("people/", "GET"), ("people/<int:pk>/", "GET"), ("deputies/", "GET"), ("confirmations/", "GET"),
         ("auth/me/", "GET")],
        ("账号停用后保留姓名，供账册和日志追溯", "the name stays after the account ends, for books and log"),
        ("安全管理员和监督员可见全部，其他人只见自己", "security and auditors see all, everybody else themselves"),
    ),
    Line(
        ("口令、动态码、PIN", "passwords, second factors, PINs"), STAFF,
        ["Person.password", "Person.password_set_at", "Confirmation.second", "SecondFactor.*", "DevicePin.*"],
        ("登录", "signing in"), [],
        ("至更换或停用", "until changed or ended"),
        ("口令和 PIN 为 Argon2id；动态码种子加密；无人可读", "Argon2id; seeds sealed; nobody reads them"),
    ),
    Line(
        ("登录时间、网络段、失败次数", "sign-ins: when, from which network, failures"), STAFF,
        ["AccessToken.*", "Session.*", "AttemptLane.*", "KnownOrigin.*", "Person.last_login",
         "Person.sign_ins_ended"],
        ("会话管理、防猜测", "sessions, holding off guessing"), [("auth/sign-ins/", "GET")],
        ("会话结束即删；失败记录当日整理", "until the sign-in ends; failures for a day"),
        ("令牌只存散列；地址只存网段或密钥散列", "tokens by their hash; of addresses the network or a keyed hash"),
    ),
    Line(
        ("何人何时做了何事", "who did what and when"), STAFF,
        ["*_by", "*.actor", "*.owner", "AuditEntry.subject", "AuditEntry.action", "AuditEntry.code",
         "AuditEntry.request_id", "IdempotencyRecord.person"],
        ("账册责任、审计（GB/T 22239，网络安全法 21）",
         "answering for the books, audit (GB/T 22239, 网络安全法 art. 21)"),
        [("audit/", "GET"), ("movements/", "GET")],
        ("永久；链式日志不可修改", "for good; the log is a chain that cannot be changed"),
        ("只存账号编号；日志不含姓名", "numbers of accounts; the log holds no name"),
    ),
    Line(
        ("网络地址", "network addresses"), ("工作人员", "staff"),
        ["AuditAddress.*", "AuditEntry.address"],
        ("追查攻击（网络安全法 21）", "following an attack (网络安全法 art. 21)"), [("audit/", "GET")],
        ("180 天起，按 APP_ADDRESS_DAYS", "180 days or as APP_ADDRESS_DAYS says"),
        ("日志中只有加盐散列，地址和盐另存", "the log has a salted hash, address and salt lie apart"),
    ),
    Line(
        ("咨询内容和答复", "questions and answers"), ("提问的公众", "the public who ask"),
        ["Question.text", "Question.sender", "Question.shown", "Question.answer", "ReceiptGuesses.*"],
        ("答复群众（公益事业捐赠法 21）", "answering the public (公益事业捐赠法 art. 21)"),
        [("questions/", "GET"), ("public/questions/", "GET")],
        ("随公示保留；发送者散列每日不同", "with what is published; the sender's hash is another one each day"),
        ("不问姓名；公开前由工作人员改去人名", "no name is asked; names are taken out before it is shown"),
    ),
    Line(
        ("对外公布的联系人、电话、地址", "contacts, telephones and addresses that are published"), STAFF,
        ["*.contact", "*.supervision_phone", "Place.phone", "Place.address"],
        ("联系和监督", "being reached and supervised"),
        [("places/", "GET"), ("campaigns/", "GET"), ("public/counties/<str:code>/drop-off-points/", "GET")],
        ("至修改", "until changed"), ("本来就是公开的", "public on purpose"),
    ),
    Line(
        ("自由填写的文字和照片", "free words and photos"), ("文中可能提到的人", "whoever may be named"),
        ["*.reason", "*.note", "*.remark", "*.findings", "*.rectification", "Handover.seal_note", "*.void_reason",
         "ShipmentLine.receipt_reason", "ShipmentLine.pick_reason", "ItemPhoto.image", "Item.description",
         "CountLine.description", "Bulletin.content", "BulletinFile.content", "DailyForm.content",
         "PrivacyNotice.text", "PrivacyNotice.text_en", "IdempotencyRecord.answer"],
        ("说明原因", "saying why"),
        [("movements/", "GET"), ("holds/", "GET"), ("spot-checks/", "GET"), ("photos/<int:pk>.jpg", "GET")],
        WITH_THE_BOOKS,
        ("表单提示不写人名；照片重绘，不含手机附加的信息",
         "forms ask for no names; photos are drawn anew without what a phone adds"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A line in the reader's language, with the roles that read it."""

    what: str
    whose: str
    purpose: str
    readers: list[str]
    kept: str
    guarded: str
    fields: list[str]


def all_fields() -> list[str]:
    """Every column of our tables as "Model.field"."""
    return [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.concrete_fields
    ]


def fields_of(line: Line, fields: Iterable[str]) -> list[str]:
    return [name for name in fields if any(_fits(name, pattern) for pattern in line.fields)]


def unclassified(fields: Iterable[str]) -> list[str]:
    """Fields of which nobody has said whether they are of a person."""
    return [
        name
        for name in fields
        if name not in PLAIN_OF
        and name.partition(".")[2] not in PLAIN
        and not any(_fits(name, pattern) for line in RECORD for pattern in line.fields)
    ]


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern)


def record() -> Iterator[Told]:
    """The record in the language of the moment."""
    fields = all_fields()
    for line in RECORD:
        yield Told(
            in_language(*line.what), in_language(*line.whose), in_language(*line.purpose), readers_of(line),
            in_language(*line.kept), in_language(*line.guarded), fields_of(line, fields),
        )  # fmt: skip


def readers_of(line: Line) -> list[str]:
    """Who reads it, by the table of who may; the widest first."""
    allowed: set[str] = set()
    for route, method in line.routes:
        allowed |= ACCESS[route][method]
    wide = [(PUBLIC, _("everybody")), (SIGNED_IN, _("everybody who is signed in")), (MACHINE, "")]
    words = [told for kind, told in wide if kind <= allowed and told]
    return words + [str(role.label) for role in Role if role in allowed]


def as_body(county: str, days: int) -> dict[str, Any]:
    """The record as the API tells it."""
    return {"county": county, "identity_days": days, "lines": [vars(line) for line in record()]}
