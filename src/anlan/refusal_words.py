"""What a refusal says in Chinese, where whoever raised it gave no sentence of their own. Pure.

Of its kind, field and value alone, so that every refusal has one: less exact than the English
sentence beside it, never another meaning.
"""

from __future__ import annotations

import re

NAMES = {
    "account": "账号",
    "ack_min": "回复时限",
    "actor": "当前账号",
    "address": "地址",
    "age_s": "时间",
    "alert": "预警",
    "answer": "回答",
    "asset": "装备队伍",
    "assignee": "承办人",
    "attachment": "附件",
    "body": "内容",
    "call": "召集",
    "case": "事项",
    "cause": "受阻原因",
    "channel": "渠道",
    "choice": "选项",
    "code": "代码",
    "colour": "颜色",
    "command": "操作",
    "consent": "同意书",
    "delivery": "送达",
    "department": "部门",
    "depot": "仓库",
    "description": "说明",
    "destination": "目的地",
    "drill": "演练",
    "due_at": "期限",
    "ends_at": "结束时间",
    "evidence": "办理说明或照片",
    "field": "字段",
    "file": "文件",
    "firm": "企业",
    "form": "表单",
    "given_at": "下达时间",
    "handover": "交接班记录",
    "hours": "小时数",
    "incident": "事件",
    "inject": "演练情景",
    "into": "并入的事项",
    "invitation": "邀请",
    "item": "物资",
    "kind": "类别",
    "lat": "纬度",
    "level": "响应等级",
    "lon": "经度",
    "means": "回复方式",
    "measure": "措施",
    "minutes": "分钟数",
    "name": "名称",
    "operation": "经营状态",
    "order": "指令",
    "origin": "起点",
    "owner": "负责人",
    "pass": "通行证",
    "password": "密码",
    "person": "人员",
    "persons": "人数",
    "phone": "电话号码",
    "photos": "照片",
    "place": "隐患点",
    "plate": "车牌",
    "polygon": "范围",
    "post": "岗位",
    "purpose": "用途",
    "quantity": "数量",
    "rating": "评分",
    "reason": "理由",
    "role": "角色",
    "roles": "角色",
    "run": "预报",
    "second_factor": "动态口令",
    "session": "登录",
    "session_id": "登录会话",
    "shelter": "避灾场所",
    "shot": "镜头",
    "skill": "技能",
    "source": "来源",
    "stars": "评分",
    "state": "状态",
    "station": "测站",
    "subject": "事项",
    "task": "任务",
    "template": "模板",
    "territory": "辖区",
    "text": "文字",
    "title": "标题",
    "to": "对象",
    "to_name": "对象",
    "token": "凭证",
    "unit": "单位",
    "user": "账号",
    "valid_from": "开始时间",
    "valid_to": "结束时间",
    "value": "数值",
    "vehicle": "车辆",
    "venue": "场地",
    "verdict": "评价",
    "volunteer": "志愿者",
    "volunteers": "志愿者",
    "what": "内容",
    "words": "文字",
    "work": "志愿任务",
}
_OWN = re.compile(r"[(（]([^()（）]*[\u4e00-\u9fff][^()（）]*)[)）]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
LONGEST_VALUE = 80


def in_chinese(
    message: str, kind: str, field: str | None, value: object, again_s: int | None
) -> str:
    """The Chinese sentence of a refusal: the one that its message holds, else one of its kind."""
    own = _OWN.search(message)
    # a name in brackets is no sentence
    if own and len(_CHINESE.findall(own[1])) >= 4 and message.rstrip(" .").endswith(own[0]):
        return own[1] + "。"
    name = NAMES.get((field or "").split(".")[0], "")
    given = _given(value)
    if kind == "not_found":
        return f"没有找到{name or '所要的内容'}{given}，或不在您的范围内。"
    if kind == "forbidden":
        return "您的账号不能做这一步，请联系值班员或上级。"
    if kind == "conflict":
        return f"现在不能这样做：{name or '当前情况'}{given}不允许，请刷新后再看。"
    if kind == "too_many":
        wait = f"{again_s} 秒后" if again_s else "稍后"
        return f"操作过于频繁，请{wait}再试。"
    if value in (None, ""):
        return f"{name or '有一项'}没有填或不符合要求，请检查后重试。"
    return f"{name or '所填内容'}{given}不符合要求，请检查后重试。"


def _given(value: object) -> str:
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    shown = text[:LONGEST_VALUE] + ("…" if len(text) > LONGEST_VALUE else "")
    return f"“{shown}”" if shown else ""
