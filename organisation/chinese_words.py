"""Chinese as people put it into passwords: every syllable of standard Mandarin, surnames, and the words first tried.

The words were chosen by what lists of Chinese passwords are known to be made of (Li, Han, Xu: A Large-Scale Empirical
Analysis of Chinese Web Passwords, USENIX Security 2014): the country and its places, love, family, wishes, brands.
They count in characters and in pinyin alike.
"""

from __future__ import annotations

from collections.abc import Set
from functools import cache

from pypinyin import lazy_pinyin

# By initial, which stands before each final; ü is typed as v or u.
FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan ue un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = frozenset(initial + final for initial, finals in FINALS.items() for final in finals.split())
LONGEST_SYLLABLE = max(map(len, SYLLABLES))

# The most frequent, which nine in ten people bear (公安部 2020), and some that are frequent in the southwest.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
TRIED = """
中国 中华 祖国 国家 人民 人民币 人民政府 人民医院 中国人 我是 共和国 中华人民共和国
共产党 中国共产党 为人民服务 社会主义 新中国
政府 县政府 公安 卫健委 卫健局 卫生局 卫生院 卫生室 医生 医保 护士 药店 药师 药品 捐药 捐赠 登记 审核 数据 系统
北京 上海 天津 重庆 广东 广州 深圳 四川 成都 贵州 贵阳 云南 昆明 广西 南宁 湖南 长沙 湖北 武汉 河南 郑州 河北 石家庄
山东 济南 青岛 山西 太原 陕西 西安 甘肃 兰州 青海 西宁 宁夏 银川 新疆 西藏 拉萨 内蒙古 辽宁 沈阳 大连 吉林 长春
黑龙江 哈尔滨 江苏 南京 苏州 浙江 杭州 宁波 安徽 合肥 福建 福州 厦门 江西 南昌 海南 海口 香港 澳门 台湾 台北
长江 黄河 长城 泰山 天安门 清华 北大 凯里 黔东南 商洛 遵义
我爱 我爱你 爱你 我想你 想你 爱我 我的 我们 你好 爱情 永远 一生一世 一世 一生 一辈子 天长地久 宝贝 宝宝 老婆 老公
亲爱的 爱人 女儿 儿子 妈妈 爸爸 妈咪 爷爷 奶奶 哥哥 姐姐 弟弟 妹妹 家人 朋友 兄弟 美女 帅哥 先生 小姐 老师 同学 学生
快乐 幸福 平安 健康 身体健康 生日 生日快乐 新年 新年快乐 春节 恭喜 恭喜发财 发财 万事如意 一帆风顺 心想事成 好运
吉祥 如意 加油 努力 奋斗 好好学习 天天向上 成功 胜利 和平 自由 梦想 希望 未来 人生 生活 工作 学习 世界 地球 宇宙
太阳 月亮 星星 天空 大海 阳光 天气 春天 夏天 秋天 冬天 天天 今天 明天 昨天 永恒 时间 生命 天使 魔鬼 英雄
天下 无敌 天下无敌
密码 口令 用户 账号 登录 管理 管理员 超级 测试 初始 默认 办公室 电脑 手机 网络 电话 微信 微博 支付宝 淘宝 京东 百度
腾讯 阿里 阿里巴巴 华为 小米 苹果 联想 中兴 移动 中国移动 联通 电信 银行 工商银行 农行 建行 抖音 王者荣耀 茅台 五粮液
万岁 长征 东方红 红旗 战士 解放军 小明 大明 小红 建国 国庆 建军 卫国 爱国 红军 一二三四五
床前明月光 疑是地上霜 举头望明月 低头思故乡 春眠不觉晓 白日依山尽 黄河入海流 鹅鹅鹅 锄禾日当午 不忘初心 牢记使命
小猪 小狗 小猫 老虎 大王 熊猫 皮卡丘 孙悟空 哈哈 呵呵 嘻嘻 哈喽 傻瓜 笨蛋 白痴 不知道 没有 忘记 随便 芝麻开门
"""
WORDS = tuple(TRIED.split())


@cache
def words() -> Set[str]:
    """In characters, and in pinyin."""
    return {*WORDS, *map(spelled, WORDS)}


@cache
def surnames() -> Set[str]:
    """In characters, and in pinyin."""
    return {*SURNAMES, *map(spelled, SURNAMES)}


def spelled(text: str) -> str:
    return "".join(lazy_pinyin(text, v_to_u=False))
